"""Approved payouts, partners that can be paid, and a Stripe that misbehaves."""

from datetime import UTC, datetime, timedelta
from typing import Any

from channels.commissions.models import Payout, PayoutAttempt, PayoutDetails, Statement, StripeAccount
from channels.commissions.services import payees, payouts, schedule, statements
from channels.partners.models import ChannelPartner
from shop.payments.fake_stripe import accounts
from shop.payments.models import FakeObject
from tests.factories import channels as make
from tests.factories import commissions as money

IBAN, OTHER_IBAN = "DE89370400440532013000", "NL91ABNA0417164300"
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def statements_of(*partners: ChannelPartner, nets: dict[str, int] | None = None) -> list[Statement]:
    """Closed statements of February, each asking for 15 % of one order of EUR 100.00, or of what `nets` says."""
    for partner in partners:
        lines = (make.line(f"{partner.code}/1", (nets or {}).get(partner.code, 100_00)),)
        order = money.credited("", (partner, "resale", 10_000), placed_at=datetime(2026, 1, 5, tzinfo=UTC), lines=lines)
        money.paid(order, datetime(2026, 1, 10, tzinfo=UTC))
    schedule.run_due(now=MARCH)
    return [Statement.objects.get(partner=partner) for partner in partners]


def all_approved(*partners: ChannelPartner, nets: dict[str, int] | None = None) -> list[Payout]:
    """Payouts that are approved and not sent."""
    made = []
    for statement in statements_of(*partners, nets=nets):
        statements.approve(statement_id=statement.pk, at=MARCH, by=make.user())
        made.append(payouts.create(statement_id=statement.pk, at=MARCH))
    return made


def approved(partner: ChannelPartner) -> Payout:
    """A payout of EUR 15.00, approved and not sent."""
    return all_approved(partner)[0]


def details(partner: ChannelPartner, *, rail: str = "sepa", iban: str = IBAN, **values: Any) -> PayoutDetails:
    """Bank details in force since January."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    account = payees.account_of(iban) if iban else None
    defaults = {"holder": partner.name, "entered_at": at, "valid_from": at}
    return PayoutDetails.objects.create(partner=partner, rail=rail, account=account, **{**defaults, **values})


def connected(partner: ChannelPartner) -> StripeAccount:
    """A connected account at the fake that may receive transfers, and the choice to be paid there."""
    account = accounts.create({
        "country": "NO", "email": "x@example.com", "capabilities": {"transfers": {"requested": "true"}},
    })  # fmt: skip
    accounts.tell(account["id"], "complete")
    details(partner, rail="stripe", iban="")
    return StripeAccount.objects.create(
        partner=partner, account_id=account["id"], is_ready=True, is_submitted=True, created_at=MARCH
    )


def begun(payout: Payout, *, at: datetime = NOW) -> PayoutAttempt:
    """An attempt to pay through Stripe that is on record, and nothing more: as after a crash."""
    account = StripeAccount.objects.get(partner=payout.statement.partner_id)
    return payouts.send(
        payout_id=payout.pk, reference=payout.statement.number, at=at, rail="stripe", destination=account.account_id
    )


def transfers() -> list[tuple[int, str]]:
    """What really left for partners at the fake: (amount less what was reversed, idempotency key)."""
    rows = FakeObject.objects.filter(kind="transfer").order_by("sequence").values_list("data", flat=True)
    return [(row["amount"] - row["amount_reversed"], row["metadata"]["accord_attempt"]) for row in rows]


def later(**values: float) -> datetime:
    return NOW + timedelta(**values)
