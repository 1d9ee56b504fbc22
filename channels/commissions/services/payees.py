"""Where a partner wants its money. A change is held for some days, and everybody who might object is told."""

from datetime import datetime, timedelta
from typing import Any

from celery import signature
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError as InvalidNumber

from channels.audit.services import record
from channels.commissions.models import BankAccount, PayoutDetails, PayoutDetailsCancellation, Rail, StripeAccount
from channels.commissions.rails import stripe_connect
from channels.commissions.sealing import fingerprints
from channels.commissions.selectors.payees import whereabouts
from channels.notices.models import Notice
from channels.notices.services import tell
from channels.partners.models import ChannelPartner

SETTINGS_PATH = "/portal/payout-settings/"


class InvalidDetails(ValueError):
    """The account cannot be used; the text says what to do. `field` is what it speaks of."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotPending(Exception):
    """There is no such change that could still be taken back."""


def checked_iban(text: str) -> str:
    """Return an IBAN without spaces. Raises InvalidDetails."""
    try:
        return str(iban_number.validate(text.upper()))
    except InvalidNumber as error:
        raise InvalidDetails("iban", _("This is not a valid IBAN. Copy it from your bank's statement.")) from error


@transaction.atomic
def enter(
    *, partner_id: int, rail: str, iban: str, holder: str, at: datetime, by: AbstractBaseUser | None
) -> PayoutDetails:
    """Enter payout details. The first ones are in force at once; a change is held, and replaces one that still is.

    The same details again change nothing. Raises InvalidDetails.
    """
    iban, holder = checked_iban(iban) if iban.strip() else "", " ".join(holder.split())
    if rail == Rail.SEPA and not iban:
        raise InvalidDetails("iban", _("Enter the IBAN of the account that you want to be paid to."))
    if iban and not holder:
        raise InvalidDetails("holder", _("Enter the name of the account's holder."))
    partner = _locked(partner_id)
    now = whereabouts(partner_id, now=at)
    latest = now.pending or now.current
    account = account_of(iban) if iban else None
    if latest and (latest.rail, latest.account, latest.holder) == (rail, account, holder):
        return latest
    if now.pending:
        _cancel(now.pending, at=at, by=by, reason="replaced")
    hold = timedelta(days=settings.PAYOUT_DETAILS_HOLD_DAYS) if now.current else timedelta()
    details = PayoutDetails.objects.create(
        partner=partner, rail=Rail(rail), account=account, holder=holder, entered_at=at, valid_from=at + hold,
        entered_by_id=by.pk if by else None,
    )  # fmt: skip
    record(
        verb="payout_details.entered", subject=partner, at=at, actor=by,
        data={"rail": rail, "iban": details.masked, "valid_from": details.valid_from.isoformat(), "details": details.pk},
    )  # fmt: skip
    _tell(details, by=by, was_there=bool(now.current))
    return details


@transaction.atomic
def cancel(*, details_id: int, at: datetime, by: AbstractBaseUser | None, reason: str = "") -> PayoutDetails:
    """Take back a change before it is in force: the details before it stay. Raises NotPending."""
    details = PayoutDetails.objects.select_related("partner").get(pk=details_id)
    _locked(details.partner_id)
    if details.valid_from <= at or PayoutDetailsCancellation.objects.filter(details=details).exists():
        raise NotPending(_("This change is in force, or was taken back, already."))
    _cancel(details, at=at, by=by, reason=reason)
    tell(
        partner_id=details.partner_id, kind="payout_details.cancelled", key=f"payout-details:{details.pk}:cancelled",
        subject=gettext_noop("A change of your bank details was taken back"),
        body=gettext_noop("The change to %(account)s was taken back by %(who)s. You are paid as before."),
        params={"account": _account(details), "who": _who(by)}, path=SETTINGS_PATH, at=at,
        audience=Notice.Audience.FINANCE,
    )  # fmt: skip
    return details


def account_of(iban: str) -> BankAccount:
    """Return the account of an IBAN, kept once whoever enters it and under whichever key it was sealed."""
    known = fingerprints(iban)
    defaults = {"fingerprint": known[0], "iban": iban, "country": iban[:2], "last_four": iban[-4:]}
    return BankAccount.objects.get_or_create(fingerprint__in=known, defaults=defaults)[0]


def _locked(partner_id: int) -> ChannelPartner:
    """Make two people of one partner take turns. Rows that point at the partner may still be added."""
    return ChannelPartner.objects.select_for_update(no_key=True).get(pk=partner_id)


def _cancel(details: PayoutDetails, *, at: datetime, by: AbstractBaseUser | None, reason: str) -> None:
    PayoutDetailsCancellation.objects.create(details=details, at=at, by_id=by.pk if by else None, reason=reason[:255])
    record(
        verb="payout_details.cancelled", subject=details.partner, at=at, actor=by, reason=reason[:255],
        data={"details": details.pk, "iban": details.masked},
    )  # fmt: skip


def _tell(details: PayoutDetails, *, by: AbstractBaseUser | None, was_there: bool) -> None:
    """Tell the people who may object, and the organisation's own address, which no login changes."""
    if was_there:
        body = gettext_noop(
            "%(who)s changed where your commission is paid to: %(account)s. The change is in force on %(day)s, and "
            "payouts wait until then. If none of you made it, take it back in the portal at once and tell us."
        )
    else:
        body = gettext_noop("%(who)s entered where your commission is paid to: %(account)s.")
    params = {"who": _who(by), "account": _account(details), "day": f"{details.valid_from:%Y-%m-%d}"}
    if not was_there:
        del params["day"]
    tell(
        partner_id=details.partner_id, kind="payout_details.entered", key=f"payout-details:{details.pk}",
        subject=gettext_noop("Your payout details were changed"), body=body, params=params, path=SETTINGS_PATH,
        at=details.entered_at, audience=Notice.Audience.FINANCE,
    )  # fmt: skip
    if was_there and details.partner.email:
        transaction.on_commit(lambda: _send_warning(details.pk), robust=True)


def _send_warning(details_id: int) -> None:
    signature("channels.commissions.tasks.mail_payout_details").delay(details_id)


def _account(details: PayoutDetails) -> str:
    return details.masked or str(details.get_rail_display())


def _who(user: Any) -> str:
    return (user.get_full_name() or user.get_username()) if user else "Accord"


# --- Stripe ---------------------------------------------------------------------------------------------------------


def onboarding(*, partner_id: int, return_url: str, refresh_url: str, at: datetime) -> str:
    """Return the address at Stripe where the partner tells about itself, opening its account first when it has none.

    Speaks to Stripe, so it runs in no transaction. Raises the rail's Refused or Undecided; asking again is safe.
    """
    partner = ChannelPartner.objects.get(pk=partner_id)
    row, _is_new = StripeAccount.objects.get_or_create(partner=partner, defaults={"created_at": at})
    if not row.account_id:
        status = stripe_connect.create_account(
            key=f"ACCOUNT-{row.pk}-{partner.country}", country=partner.country, email=partner.email,
            partner_code=partner.code,
        )  # fmt: skip
        _store(row, status, at)
    return stripe_connect.onboarding_url(account_id=row.account_id, return_url=return_url, refresh_url=refresh_url)


def refresh(*, partner_id: int, at: datetime) -> StripeAccount | None:
    """Ask Stripe how the partner's account stands; None without one. Raises Refused or Undecided."""
    row = StripeAccount.objects.filter(partner=partner_id).exclude(account_id="").first()
    if row is None:
        return None
    _store(row, stripe_connect.account_status(row.account_id), at)
    return row


@transaction.atomic
def _store(row: StripeAccount, status: stripe_connect.AccountStatus, at: datetime) -> None:
    was_ready = row.is_ready
    row.account_id, row.is_ready, row.is_submitted = status.account_id, status.is_ready, status.is_submitted
    row.requirements, row.disabled_reason = list(status.requirements), status.disabled_reason[:120]
    row.refreshed_at = at
    row.save()
    if row.is_ready != was_ready:
        record(
            verb="stripe_account.ready" if row.is_ready else "stripe_account.not_ready", subject=row.partner, at=at,
            data={"account": row.account_id, "reason": row.disabled_reason},
        )  # fmt: skip
