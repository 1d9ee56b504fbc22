"""What is paid in each currency: whole yen, thousandths of a dinar, and two currencies that never pay for each other."""

from datetime import UTC, date, datetime

import pytest

from channels.commissions.models import LedgerPosting, Payout, PayoutAttempt, Statement
from channels.commissions.rails.protocol import Refused, Transfer
from channels.commissions.rails.stripe_connect import StripeConnect, amount_at_stripe
from channels.commissions.selectors import verification
from channels.commissions.selectors.balances import Balance, balances
from channels.commissions.services import payout_batches, payouts, schedule, statements
from channels.journeys.models import OrderRecord
from channels.partners.models import ChannelPartner
from shop.payments.models import FakeObject
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import payouts as pay

pytestmark = pytest.mark.django_db


def moment(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.fixture
def nord() -> ChannelPartner:
    money.programme()
    return make.partner("nord")


def sold(partner: ChannelPartner, number: str, currency: str, net_minor: int, at: datetime) -> OrderRecord:
    order = money.credited(
        number,
        (partner, "resale", 10_000),
        currency=currency,
        placed_at=at,
        lines=(make.line(f"{number}/1", net_minor),),
    )
    money.paid(order, at)
    return order


def approved(statement: Statement, at: datetime) -> Statement:
    """Approved by as many as it takes: two where no rate says what it is worth."""
    for _person in range(statement.approvals_needed):
        statement = statements.approve(statement_id=statement.pk, at=at, by=make.user())
    return statement


def sent_through_stripe(partner: ChannelPartner, currency: str, net_minor: int) -> Payout:
    """A payout of 15 % of one order, sent in a batch."""
    pay.connected(partner)
    sold(partner, "ORD-A", currency, net_minor, moment(1, 10))
    schedule.run_due(now=pay.MARCH)
    statement = approved(Statement.objects.get(), pay.MARCH)
    payout = payouts.create(statement_id=statement.pk, at=pay.MARCH)
    batch = payout_batches.create(payout_ids=[payout.pk], rail="stripe", at=pay.NOW, by=make.user())
    payout_batches.run(batch_id=batch.pk, now=pay.NOW)
    payout.refresh_from_db()
    return payout


@pytest.mark.parametrize(
    ("currency", "net_minor", "paid_minor", "at_stripe"),
    [
        ("EUR", 100_00, 15_00, 1500),
        ("NOK", 1_234_50, 185_18, 18518),  # 185.175 kroner, half-up
        ("JPY", 12_345, 1_852, 1852),  # 1,851.75 yen
        ("KWD", 12_400, 1_860, 1860),  # 1.860 dinars: the last digit is a zero
        ("ISK", 10_000, 1_500, 150000),  # Stripe counts krónur in hundredths
    ],
)
def test_stripe_gets_the_amount_in_its_own_units(
    nord: ChannelPartner, currency: str, net_minor: int, paid_minor: int, at_stripe: int
) -> None:
    payout = sent_through_stripe(nord, currency, net_minor)
    assert (payout.state, payout.amount_minor, payout.currency) == ("paid", paid_minor, currency)
    [transfer] = FakeObject.objects.filter(kind="transfer").values_list("data", flat=True)
    assert (transfer["amount"], transfer["currency"]) == (at_stripe, currency.lower())
    assert money.accounts() == {"Asset:Bank": -paid_minor, "Expense:Commission:RESALE": paid_minor}


def test_what_stripe_cannot_carry_is_refused_before_it_leaves_and_stays_payable(nord: ChannelPartner) -> None:
    """1.852 dinars: Stripe's amounts in dinars end in a zero."""
    payout = sent_through_stripe(nord, "KWD", 12_345)
    assert (payout.state, payout.amount_minor) == ("failed", 1_852)
    assert PayoutAttempt.objects.get().last_error == "Stripe cannot carry KWD 1.852 to the last digit. Pay it by hand."
    assert FakeObject.objects.filter(kind="transfer").count() == 0
    assert balances(nord) == [Balance("KWD", earned=1_852, payable=1_852)]
    payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=pay.later(days=1))
    assert balances(nord) == [Balance("KWD", earned=1_852, paid=1_852)]


@pytest.mark.parametrize(
    ("currency", "minor", "at_stripe"),
    [("EUR", 1, 1), ("JPY", 1, 1), ("KWD", 10, 10), ("ISK", 5, 500), ("UGX", 5, 500), ("MGA", 500, 5)],
)
def test_amounts_at_stripe(currency: str, minor: int, at_stripe: int) -> None:
    assert amount_at_stripe(minor, currency) == at_stripe


@pytest.mark.parametrize(("currency", "minor"), [("KWD", 1_001), ("BHD", 5), ("MGA", 501)])
def test_amounts_that_stripe_has_no_coin_for(currency: str, minor: int) -> None:
    with pytest.raises(Refused):
        amount_at_stripe(minor, currency)


def test_twin_the_fake_refuses_an_amount_as_it_is(nord: ChannelPartner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the conversion the request leaves, and Stripe says no."""
    target = "channels.commissions.rails.stripe_connect.amount_at_stripe"
    monkeypatch.setattr(target, lambda amount_minor, currency: amount_minor)
    account = pay.connected(nord).account_id
    for currency, said in (("KWD", "divisible by 10"), ("ISK", "divisible by 100")):
        transfer = Transfer(
            key=currency,
            group="g",
            amount_minor=1_852,
            currency=currency,
            destination=account,
            holder="",
            reference="r",
        )
        with pytest.raises(Refused, match=said):
            StripeConnect().send(transfer)
    assert FakeObject.objects.filter(kind="transfer").count() == 0


# --- two currencies ---------------------------------------------------------------------------------------------------


def paid_out(statement: Statement, reference: str, at: datetime) -> Payout:
    payout = payouts.create(statement_id=approved(statement, at).pk, at=at)
    payouts.record_payment(payout_id=payout.pk, reference=reference, at=at)
    payout.refresh_from_db()
    return payout


def of(month: int, currency: str) -> tuple[int, int, int, int]:
    """(opening, movement, closing, asked for) of a month's statement."""
    row = Statement.objects.get(currency=currency, period_start=date(2026, month, 1))
    return (row.opening_minor, row.movement_minor, row.closing_minor, row.payable_minor)


def test_a_debt_in_one_currency_is_carried_over_and_never_paid_from_another(nord: ChannelPartner) -> None:
    """EUR 15.00 and JPY 1,500 are paid; the yen are refunded: the debt waits for yen, while euros are paid in full."""
    sold(nord, "EUR-1", "EUR", 100_00, moment(1, 10))
    refunded = sold(nord, "JPY-1", "JPY", 10_000, moment(1, 10))
    schedule.run_due(now=moment(2, 9, 11))  # the hold ends at noon
    assert Statement.objects.count() == 0
    assert balances(nord) == [Balance("EUR", earned=15_00, held=15_00), Balance("JPY", earned=1_500, held=1_500)]

    schedule.run_due(now=moment(3, 1, 0))
    for row in Statement.objects.order_by("currency"):
        paid_out(row, f"BANK-{row.currency}", moment(3, 2))
    money.refunded(refunded, moment(3, 10))
    sold(nord, "EUR-2", "EUR", 200_00, moment(3, 10))
    sold(nord, "JPY-2", "JPY", 4_000, moment(3, 10))
    assert balances(nord) == [
        Balance("EUR", earned=45_00, held=30_00, paid=15_00),
        Balance("JPY", earned=600, held=600, paid=1_500, clawback=1_500),
    ]

    schedule.run_due(now=moment(5, 1, 0))
    assert (of(3, "JPY"), of(4, "JPY")) == ((1_500, -3_000, -1_500, 0), (-1_500, 600, -900, 0))
    assert of(4, "EUR") == (0, 30_00, 30_00, 30_00)
    with pytest.raises(payouts.NotApproved):
        payouts.draft(
            statement_id=Statement.objects.get(currency="JPY", period_start=date(2026, 4, 1)).pk, at=moment(5, 2)
        )
    assert (
        paid_out(Statement.objects.get(currency="EUR", period_start=date(2026, 4, 1)), "E2", moment(5, 2)).amount_minor
        == 30_00
    )
    assert balances(nord)[0] == Balance("EUR", earned=45_00, paid=45_00)

    sold(nord, "JPY-3", "JPY", 20_000, moment(5, 3))
    schedule.run_due(now=moment(7, 1, 0))
    assert of(6, "JPY") == (-900, 3_000, 2_100, 2_100)
    june = Statement.objects.get(currency="JPY", period_start=date(2026, 6, 1))
    assert paid_out(june, "J2", moment(7, 2)).amount_minor == 2_100
    assert balances(nord) == [Balance("EUR", earned=45_00, paid=45_00), Balance("JPY", earned=3_600, paid=3_600)]
    assert LedgerPosting.objects.filter(kind="net").count() == 1
    assert list(verification.findings()) == []
