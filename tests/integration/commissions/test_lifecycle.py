"""From payment to payout and back, to the cent."""

from datetime import UTC, date, datetime

import pytest

from channels.commissions.models import Accrual, LedgerPosting, Payout, PayoutAttempt, Statement
from channels.commissions.selectors import verification
from channels.commissions.selectors.balances import Balance, balances
from channels.commissions.services import payouts, schedule, statements
from channels.contracts import OrderEventKind
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db


def moment(month: int, day: int, hour: int = 12, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_from_payment_to_a_netted_clawback() -> None:
    """Paid, held, payable, stated, paid out, refunded, clawed back, and netted against the next payout."""
    nord = make.partner("nord")
    money.programme()
    first = money.credited("ORD-A", (nord, "resale", 10_000), placed_at=moment(1, 5))

    money.paid(first, moment(1, 10))
    assert money.accounts(nord) == {"Expense:Commission:RESALE": 15_00, "Liability:Held": -15_00}
    assert Accrual.objects.get().hold_until == moment(2, 9)

    schedule.run_due(now=moment(2, 9, 11))
    assert money.earned(nord) == [("RESALE", 15_00, "held")]
    assert Statement.objects.count() == 0

    schedule.run_due(now=moment(2, 9))
    assert money.earned(nord) == [("RESALE", 15_00, "payable")]
    assert money.accounts(nord) == {"Expense:Commission:RESALE": 15_00, "Liability:Payable": -15_00}

    schedule.run_due(now=moment(3, 1, 0))
    statement = Statement.objects.get()
    assert statement.number == "ST-2026-02-EUR-NORD"
    assert (statement.period_start, statement.period_end) == (date(2026, 2, 1), date(2026, 3, 1))
    assert (statement.opening_minor, statement.movement_minor, statement.closing_minor) == (0, 15_00, 15_00)
    assert statement.payable_minor == 15_00
    assert statement.chain_head == LedgerPosting.objects.get(sequence=statement.chain_sequence).hash
    assert money.earned(nord) == [("RESALE", 15_00, "stated")]

    with pytest.raises(payouts.NotApproved):
        payouts.create(statement_id=statement.pk, at=moment(3, 2))
    assert Payout.objects.count() == 0
    statements.approve(statement_id=statement.pk, at=moment(3, 2), by=make.user())
    payout = payouts.create(statement_id=statement.pk, at=moment(3, 3))
    payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=moment(3, 4))
    assert money.accounts() == {"Asset:Bank": -15_00, "Expense:Commission:RESALE": 15_00}
    assert money.earned(nord) == [("RESALE", 15_00, "paid")]
    statement.refresh_from_db()
    assert statement.state == Statement.State.PAID

    money.refunded(first, moment(3, 20), ("ORD-A/1", 0, 40_00))
    assert money.accounts(nord) == {"Asset:Clawback": 6_00, "Expense:Commission:RESALE": 9_00}
    assert money.earned(nord) == [("RESALE", 15_00, "paid"), ("RESALE", -6_00, "reversed")]

    second = money.credited("ORD-B", (nord, "resale", 10_000), placed_at=moment(3, 21))
    money.paid(second, moment(3, 22))
    schedule.run_due(now=moment(5, 1, 0))
    march, april = Statement.objects.order_by("period_start")[1:]
    assert (march.opening_minor, march.movement_minor, march.closing_minor) == (15_00, -21_00, -6_00)
    assert march.payable_minor == 0
    assert (april.opening_minor, april.movement_minor, april.closing_minor) == (-6_00, 15_00, 9_00)
    assert april.payable_minor == 9_00

    statements.approve(statement_id=april.pk, at=moment(5, 2))
    payout = payouts.create(statement_id=april.pk, at=moment(5, 2))
    payouts.record_payment(payout_id=payout.pk, reference="BANK-2", at=moment(5, 3))
    assert money.accounts() == {"Asset:Bank": -24_00, "Expense:Commission:RESALE": 24_00}
    assert balances(nord) == [Balance("EUR", earned=24_00, paid=24_00)]
    assert [posting.kind for posting in LedgerPosting.objects.filter(payout=payout)] == ["net", "pay", "paid"]
    schedule.run_due(now=moment(6, 1, 0))
    assert Statement.objects.get(period_start=date(2026, 5, 1)).closing_minor == 0
    assert list(verification.findings()) == []


def test_the_latest_of_payment_delivery_and_return_window_ends_the_hold() -> None:
    """A delivery after the payment moves the hold; nothing is released before."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000), placed_at=moment(1, 5))
    money.paid(order, moment(1, 10))
    money.rated(money.happened(order, OrderEventKind.DELIVERED, moment(1, 25)))
    assert Accrual.objects.get().hold_until == moment(2, 24)
    assert schedule.run_due(now=moment(2, 23))["released"] == 0
    assert schedule.run_due(now=moment(2, 24))["released"] == 1
    release = LedgerPosting.objects.get(kind="release")
    assert release.booked_at == moment(2, 24)


def test_a_refund_while_held_is_never_released() -> None:
    """Part of the commission is taken back inside the hold: the rest is released, and no more."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000), placed_at=moment(1, 5))
    money.paid(order, moment(1, 10))
    money.refunded(order, moment(1, 20), ("ORD-A/1", 0, 33_33))
    assert money.accounts(nord) == {"Expense:Commission:RESALE": 10_00, "Liability:Held": -10_00}
    schedule.run_due(now=moment(2, 10))
    assert money.accounts(nord) == {"Expense:Commission:RESALE": 10_00, "Liability:Payable": -10_00}


def test_a_refund_while_payable_comes_off_the_payable() -> None:
    """Before any money moved there is nothing to claw back, and a payout pays only what is left."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000), placed_at=moment(1, 5))
    money.paid(order, moment(1, 10))
    schedule.run_due(now=moment(3, 1, 0))
    statement = statements.approve(statement_id=Statement.objects.get().pk, at=moment(3, 1))
    payout = payouts.create(statement_id=statement.pk, at=moment(3, 1))
    money.refunded(order, moment(3, 2), ("ORD-A/1", 0, 40_00))
    assert money.accounts(nord) == {"Expense:Commission:RESALE": 9_00, "Liability:Payable": -9_00}
    payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=moment(3, 3))
    payout.refresh_from_db()
    assert payout.amount_minor == 9_00
    assert money.accounts() == {"Asset:Bank": -9_00, "Expense:Commission:RESALE": 9_00}
    schedule.run_due(now=moment(4, 1, 0))
    march = Statement.objects.get(period_start=date(2026, 3, 1))
    assert (march.opening_minor, march.movement_minor, march.closing_minor) == (15_00, -15_00, 0)
    assert march.payable_minor == 0
    assert list(verification.findings()) == []


def test_a_payment_that_the_bank_took_back_takes_its_commission_along() -> None:
    """After the payout it is clawed back; paid once more it is earned once more, with a hold of its own."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000), placed_at=moment(1, 5))
    money.paid(order, moment(1, 10))
    schedule.run_due(now=moment(3, 1, 0))
    statement = statements.approve(statement_id=Statement.objects.get().pk, at=moment(3, 2))
    payout = payouts.create(statement_id=statement.pk, at=moment(3, 3))
    payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=moment(3, 4))

    money.rated(money.happened(order, OrderEventKind.UNPAID, moment(3, 20)))
    assert money.accounts(nord) == {"Asset:Clawback": 15_00}
    assert money.earned(nord) == [("RESALE", 15_00, "reversed"), ("RESALE", -15_00, "reversed")]
    assert list(verification.findings()) == []

    money.refunded(order, moment(3, 21), ("ORD-A/1", 0, 40_00))
    assert money.accounts(nord) == {"Asset:Clawback": 15_00}
    money.rated(money.happened(order, OrderEventKind.PAID, moment(4, 2)))
    assert money.accounts(nord)["Expense:Commission:RESALE"] == 9_00
    assert Accrual.objects.latest("pk").hold_until == moment(5, 2)
    schedule.run_due(now=moment(6, 1, 0))
    [balance] = balances(nord)
    assert balance == Balance("EUR", earned=9_00, payable=9_00, clawback=15_00, paid=15_00)
    assert balance.owed == -6_00
    assert list(verification.findings()) == []


def test_a_payout_with_nothing_left_is_not_made() -> None:
    """Everything was refunded after the statement: nothing is sent, and no attempt is on record."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000), placed_at=moment(1, 5))
    money.paid(order, moment(1, 10))
    schedule.run_due(now=moment(3, 1, 0))
    statement = statements.approve(statement_id=Statement.objects.get().pk, at=moment(3, 1))
    payout = payouts.create(statement_id=statement.pk, at=moment(3, 1))
    money.refunded(order, moment(3, 2))
    with pytest.raises(payouts.NothingOwed):
        payouts.send(payout_id=payout.pk, reference="BANK-1", at=moment(3, 3))
    assert PayoutAttempt.objects.count() == 0
    assert money.accounts() == {}
    assert list(verification.findings()) == []


def test_a_returned_payout_is_payable_again() -> None:
    """The bank sends it back after the confirmation; a second attempt pays once."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000), placed_at=moment(1, 5))
    money.paid(order, moment(1, 10))
    schedule.run_due(now=moment(3, 1, 0))
    statement = statements.approve(statement_id=Statement.objects.get().pk, at=moment(3, 1))
    payout = payouts.create(statement_id=statement.pk, at=moment(3, 1))
    payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=moment(3, 2))
    payouts.returned(payout_id=payout.pk, at=moment(3, 5), reason="account closed")
    assert money.accounts(nord) == {"Expense:Commission:RESALE": 15_00, "Liability:Payable": -15_00}
    assert money.earned(nord) == [("RESALE", 15_00, "stated")]
    statement.refresh_from_db()
    assert statement.state == Statement.State.APPROVED
    assert list(verification.findings()) == []
    payouts.record_payment(payout_id=payout.pk, reference="BANK-2", at=moment(3, 6))
    assert money.accounts() == {"Asset:Bank": -15_00, "Expense:Commission:RESALE": 15_00}
    assert [row.state for row in payout.attempts.all()] == ["returned", "confirmed"]
    assert list(verification.findings()) == []


def test_a_balance_below_the_minimum_is_carried_over() -> None:
    """Two months below the minimum make one payout, which settles both."""
    nord = make.partner("nord")
    money.programme(minimum_payable_minor={"EUR": 20_00})
    for number, month in (("ORD-A", 1), ("ORD-B", 2)):
        order = money.credited(number, (nord, "resale", 10_000), placed_at=moment(month, 5))
        money.paid(order, moment(month, 6))
    schedule.run_due(now=moment(4, 1, 0))
    february, march = Statement.objects.order_by("period_start")
    assert (february.closing_minor, february.payable_minor) == (15_00, 0)
    assert (march.opening_minor, march.closing_minor, march.payable_minor) == (15_00, 30_00, 30_00)
    statements.approve(statement_id=march.pk, at=moment(4, 2))
    payout = payouts.create(statement_id=march.pk, at=moment(4, 2))
    payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=moment(4, 2))
    assert money.earned(nord) == [("RESALE", 15_00, "paid"), ("RESALE", 15_00, "paid")]


def test_an_unpaid_statement_is_not_asked_for_twice() -> None:
    """The next statement carries the balance, and asks only for what is new."""
    nord = make.partner("nord")
    money.programme()
    for number, month in (("ORD-A", 1), ("ORD-B", 2)):
        order = money.credited(number, (nord, "resale", 10_000), placed_at=moment(month, 5))
        money.paid(order, moment(month, 6))
    schedule.run_due(now=moment(4, 1, 0))
    february, march = Statement.objects.order_by("period_start")
    assert (february.closing_minor, february.payable_minor) == (15_00, 15_00)
    assert (march.opening_minor, march.closing_minor, march.payable_minor) == (15_00, 30_00, 15_00)
    for statement in (march, february):
        statements.approve(statement_id=statement.pk, at=moment(4, 2))
        payout = payouts.create(statement_id=statement.pk, at=moment(4, 2))
        payouts.record_payment(payout_id=payout.pk, reference=statement.number, at=moment(4, 2))
    assert money.accounts() == {"Asset:Bank": -30_00, "Expense:Commission:RESALE": 30_00}
    assert list(verification.findings()) == []
