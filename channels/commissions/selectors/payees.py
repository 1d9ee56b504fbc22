"""Where a partner's money goes on a day, what is about to change, and why it has to wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from stdnum import iban as iban_number

from channels.commissions.models import PayoutDetails, Rail, StripeAccount
from channels.commissions.rails.protocol import Payee
from channels.commissions.sealing import fingerprints


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A partner's payout details as of a moment."""

    current: PayoutDetails | None
    pending: PayoutDetails | None
    account: StripeAccount | None

    @property
    def rail(self) -> str:
        return self.current.rail if self.current else Rail.MANUAL

    @property
    def payee(self) -> Payee:
        return Payee(
            rail=self.rail,
            iban=self.current.account.iban if self.current and self.current.account else "",
            holder=self.current.holder if self.current else "",
            account_id=self.account.account_id if self.account else "",
            account_is_ready=bool(self.account and self.account.is_ready),
        )


def whereabouts(partner_id: int, *, now: datetime) -> Whereabouts:
    return whereabouts_of([partner_id], now=now)[partner_id]


def whereabouts_of(partner_ids: Iterable[int], *, now: datetime) -> dict[int, Whereabouts]:
    """Return the details of several partners in two queries; a partner that entered none is there too."""
    wanted = set(partner_ids)
    current: dict[int, PayoutDetails] = {}
    pending: dict[int, PayoutDetails] = {}
    for row in _standing(now).filter(partner__in=wanted).order_by("pk"):
        (current if row.valid_from <= now else pending)[row.partner_id] = row
    accounts = {row.partner_id: row for row in StripeAccount.objects.filter(partner__in=wanted)}
    return {pk: Whereabouts(current.get(pk), pending.get(pk), accounts.get(pk)) for pk in wanted}


def waits_until(partner_id: int, *, now: datetime) -> datetime | None:
    """Return when a change that is held comes into force; until then nothing is paid. None when nothing is held."""
    held = _standing(now).filter(partner=partner_id, valid_from__gt=now).order_by("-valid_from").first()
    return held.valid_from if held else None


def history(partner_id: int) -> QuerySet[PayoutDetails]:
    """Return every set of details that a partner ever entered, latest first, cancelled ones included."""
    return (
        PayoutDetails.objects.filter(partner=partner_id)
        .select_related("account", "entered_by", "cancellation__by")
        .order_by("-entered_at", "-pk")
    )


def partners_with_account(iban: str) -> set[int]:
    """Return the ids of the partners that ever entered this bank account: who buys with it may be buying from itself."""
    known = PayoutDetails.objects.filter(account__fingerprint__in=fingerprints(iban_number.compact(iban)))
    return set(known.values_list("partner", flat=True))


def _standing(now: datetime) -> QuerySet[PayoutDetails]:
    rows = PayoutDetails.objects.select_related("account")
    return rows.filter(cancellation__isnull=True, entered_at__lte=now)
