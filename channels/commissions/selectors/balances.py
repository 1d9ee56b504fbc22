"""Balances are sums of entries; nothing stores one. Amounts are from the partner's side: positive is owed to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum

from channels.commissions.engine import ledger as engine
from channels.commissions.models import LedgerEntry, LedgerPosting
from channels.partners.models import ChannelPartner

CONFIRMATIONS = (LedgerPosting.Kind.PAID, LedgerPosting.Kind.RECALLED)
STATED_ACCOUNTS = (engine.PAYABLE, engine.CLAWBACK)


@dataclass(frozen=True, slots=True)
class Balance:
    """One partner's ledger in one currency. `earned` = held + payable - clawback + in transit + paid + converted."""

    currency: str
    earned: int = 0
    held: int = 0
    payable: int = 0
    clawback: int = 0
    in_transit: int = 0
    paid: int = 0
    converted: int = 0  # to another currency; negative where it came from another

    @property
    def owed(self) -> int:
        """What the next payout may be at most; negative when the partner owes."""
        return self.payable - self.clawback


def balances(partner: ChannelPartner, *, before: datetime | None = None) -> list[Balance]:
    """Return the partner's balances, one per currency with entries, by currency."""
    return balances_of([partner.pk], before=before).get(partner.pk, [])


def balance(partner_id: int, currency: str) -> Balance:
    """Return one balance, zero when there are no entries."""
    found = balances_of([partner_id]).get(partner_id, [])
    return next((row for row in found if row.currency == currency), Balance(currency))


def balances_of(partner_ids: Iterable[int] | None, *, before: datetime | None = None) -> dict[int, list[Balance]]:
    """Return the balances of several partners, or of all, in one query."""
    entries = LedgerEntry.objects.filter(partner__isnull=False)
    if partner_ids is not None:
        entries = entries.filter(partner_id__in=list(partner_ids))
    if before is not None:
        entries = entries.filter(posting__booked_at__lt=before)
    rows = (
        entries.order_by("partner_id", "currency")
        .values_list("partner_id", "currency")
        .annotate(
            earned=Sum("amount_minor", filter=Q(account__startswith="Expense:Commission:"), default=0),
            held=Sum("amount_minor", filter=Q(account=engine.HELD), default=0),
            payable=Sum("amount_minor", filter=Q(account=engine.PAYABLE), default=0),
            clawback=Sum("amount_minor", filter=Q(account=engine.CLAWBACK), default=0),
            in_transit=Sum("amount_minor", filter=Q(account=engine.IN_TRANSIT), default=0),
            fx=Sum("amount_minor", filter=Q(account=engine.FX), default=0),
            paid=Sum("amount_minor", filter=Q(account=engine.IN_TRANSIT, posting__kind__in=CONFIRMATIONS), default=0),
        )
    )
    result: dict[int, list[Balance]] = {}
    for partner_id, currency, earned, held, payable, clawback, in_transit, fx, paid in rows:
        row = Balance(currency, earned, -held, -payable, clawback, -in_transit, paid, -fx)
        result.setdefault(partner_id, []).append(row)
    return result
