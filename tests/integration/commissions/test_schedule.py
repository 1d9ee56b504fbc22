"""What falls due, once, in order, however late the clock comes by."""

from datetime import UTC, date, datetime, timedelta

import pytest

from channels.audit.models import AuditEvent
from channels.commissions.models import Accrual, LedgerHead, LedgerPosting, RatingRun, Statement
from channels.commissions.selectors import verification
from channels.commissions.services import holds, payouts, schedule, statements
from channels.contracts import OrderEventKind
from channels.core.periods import Month
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db


def moment(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def three_orders() -> None:
    """One a month from November 2025, of which the second is refunded in March 2026. Nothing is rated yet."""
    nord = make.partner("nord")
    money.programme()
    for number, placed in (("ORD-A", (2025, 11)), ("ORD-B", (2025, 12)), ("ORD-C", (2026, 1))):
        order = money.credited(number, (nord, "resale", 10_000), placed_at=moment(*placed, 20))
        money.happened(order, OrderEventKind.PAID, moment(*placed, 21))
        if number == "ORD-B":
            money.happened(order, OrderEventKind.REFUNDED, moment(2026, 3, 10))


def books() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    months = Statement.objects.order_by("period_start").values_list(
        "period_start", "opening_minor", "movement_minor", "closing_minor", "payable_minor", "chain_head"
    )
    postings = LedgerPosting.objects.values_list("sequence", "kind", "booked_at", "effective_at", "hash")
    return list(months), list(postings)


def test_a_jump_over_half_a_year_closes_month_by_month() -> None:
    """Holds are released in the month in which they ended, and a refund is booked in its own."""
    three_orders()
    counts = schedule.run_due(now=moment(2026, 6, 15))
    done = {name: count for name, count in counts.items() if count}
    assert done == {"rated": 4, "statements": 4}
    months, postings = books()
    assert [row[:5] for row in months] == [
        (date(2025, 12, 1), 0, 15_00, 15_00, 15_00),
        (date(2026, 1, 1), 15_00, 15_00, 30_00, 15_00),
        (date(2026, 2, 1), 30_00, 15_00, 45_00, 15_00),
        (date(2026, 3, 1), 45_00, -15_00, 30_00, 0),
    ]
    assert [(kind, booked_at) for _, kind, booked_at, _, _ in postings] == [
        ("accrue", moment(2025, 11, 21)),
        ("accrue", moment(2025, 12, 21)),
        ("release", moment(2025, 12, 21)),
        ("accrue", moment(2026, 1, 21)),
        ("release", moment(2026, 1, 20)),
        ("release", moment(2026, 2, 20)),
        ("reverse", moment(2026, 3, 10)),
    ]
    assert LedgerHead.objects.get().closed_until == moment(2026, 6, 1)
    assert list(verification.findings()) == []


@pytest.mark.slow
def test_running_every_day_or_once_comes_to_the_same() -> None:
    """The statements and the whole chain agree, and a second run adds nothing."""
    three_orders()
    day = moment(2025, 11, 1)
    while day < moment(2026, 6, 15):
        schedule.run_due(now=day)
        day += timedelta(days=9)
    daily, _ = books()
    assert [row[:5] for row in daily] == [
        (date(2025, 12, 1), 0, 15_00, 15_00, 15_00),
        (date(2026, 1, 1), 15_00, 15_00, 30_00, 15_00),
        (date(2026, 2, 1), 30_00, 15_00, 45_00, 15_00),
        (date(2026, 3, 1), 45_00, -15_00, 30_00, 0),
    ]
    before = books()
    again = schedule.run_due(now=moment(2026, 6, 15))
    assert set(again.values()) == {0}
    assert books() == before


def test_a_fact_of_a_closed_month_is_booked_in_the_open_one() -> None:
    """With the day on which it happened beside it; no closed statement changes."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000), placed_at=moment(2026, 1, 5))
    money.paid(order, moment(2026, 1, 6))
    schedule.run_due(now=moment(2026, 4, 2))
    before = list(Statement.objects.values())
    money.refunded(order, moment(2026, 2, 20))
    late = LedgerPosting.objects.get(kind="reverse")
    assert (late.booked_at, late.effective_at) == (moment(2026, 4, 1), moment(2026, 2, 20))
    assert schedule.run_due(now=moment(2026, 4, 30))["statements"] == 0
    assert list(Statement.objects.values()) == before
    schedule.run_due(now=moment(2026, 5, 1))
    assert Statement.objects.get(period_start=date(2026, 4, 1)).movement_minor == -15_00
    assert list(verification.findings()) == []


def test_an_open_month_is_not_closed() -> None:
    """Neither on its last day nor out of turn."""
    three_orders()
    schedule.heal(now=moment(2025, 12, 31))
    assert statements.close_month(month=Month(2025, 12), now=moment(2025, 12, 31, 23)) == []
    assert LedgerHead.objects.get().closed_until is None
    assert statements.close_due(now=moment(2026, 1, 1)) == 1
    assert statements.close_due(now=moment(2026, 1, 1)) == 0
    assert statements.close_month(month=Month(2025, 12), now=moment(2026, 1, 1)) == []


def test_nothing_happened_closes_nothing() -> None:
    """A fresh store's first sweeps leave no trace."""
    counts = schedule.run_due(now=moment(2026, 6, 15))
    assert set(counts.values()) == {0}
    assert (Statement.objects.count(), LedgerPosting.objects.count()) == (0, 0)


def test_two_partners_and_two_currencies_have_their_own_statements() -> None:
    """No amount of one is on the statement of another."""
    nord, sor = make.partner("nord"), make.partner("sor")
    money.programme()
    euros = money.credited("ORD-A", (nord, "resale", 10_000), (sor, "influence", 10_000), placed_at=moment(2026, 1, 5))
    kroner = money.credited("ORD-B", (nord, "resale", 10_000), placed_at=moment(2026, 1, 5), currency="NOK")
    for order in (euros, kroner):
        money.paid(order, moment(2026, 1, 6))
    schedule.run_due(now=moment(2026, 3, 1))
    rows = Statement.objects.order_by("number").values_list("number", "closing_minor")
    assert list(rows) == [
        ("ST-2026-02-EUR-NORD", 15_00),
        ("ST-2026-02-EUR-SOR", 5_00),
        ("ST-2026-02-NOK-NORD", 15_00),
    ]
    assert [row.lines.count() for row in Statement.objects.all()] == [1, 1, 1]


def test_codes_that_differ_in_case_have_numbers_of_their_own() -> None:
    """Statement numbers are in capitals; a clash must not keep a month from closing."""
    lower, upper = make.partner("nord"), make.partner("NORD")
    money.programme()
    order = money.credited(
        "ORD-A", (lower, "resale", 10_000), (upper, "influence", 10_000), placed_at=moment(2026, 1, 5)
    )
    money.paid(order, moment(2026, 1, 6))
    assert schedule.run_due(now=moment(2026, 3, 1))["statements"] == 2
    numbers = set(Statement.objects.values_list("number", flat=True))
    assert numbers == {"ST-2026-02-EUR-NORD", f"ST-2026-02-EUR-NORD-{upper.pk}"}


def test_each_service_twice_changes_nothing() -> None:
    """The second call returns what the first one made."""
    nord = make.partner("nord")
    money.programme()
    order = money.credited("ORD-A", (nord, "resale", 10_000), placed_at=moment(2026, 1, 5))
    money.paid(order, moment(2026, 1, 6))
    now = moment(2026, 3, 1)
    assert holds.release_due(now=now) == 1
    assert holds.release_due(now=now) == 0
    schedule.run_due(now=now)
    statement = Statement.objects.get()
    finance = make.user()
    for at in (now, now + timedelta(days=1)):
        assert statements.approve(statement_id=statement.pk, at=at, by=finance).approved_at == now
        payout = payouts.create(statement_id=statement.pk, at=at)
        attempt = payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=at)
        assert attempt.at == now
    assert statement.payout.attempts.count() == 1
    assert money.accounts() == {"Asset:Bank": -15_00, "Expense:Commission:RESALE": 15_00}
    with pytest.raises(payouts.WrongState):
        payouts.send(payout_id=payout.pk, reference="BANK-2", at=now)
    for _ in range(2):
        payouts.returned(payout_id=payout.pk, at=now, reason="account closed")
    assert money.accounts(nord) == {"Expense:Commission:RESALE": 15_00, "Liability:Payable": -15_00}
    events = AuditEvent.objects.filter(verb__regex="^(statement|payout)").order_by("pk")
    assert list(events.values_list("verb", "actor", "reason")) == [
        ("statement.approved", finance.pk, ""),
        ("payout.created", None, ""),
        ("payout.sent", None, ""),
        ("payout.paid", None, ""),
        ("payout.returned", None, "account closed"),
    ]


def test_a_run_ahead_of_the_clock_does_not_hold_up_retries() -> None:
    """`run_due --as-of` next year may fail; the sweeper of today tries again at once."""
    nord = make.partner("nord")
    money.programme()
    order = make.order("ORD-A", through=nord, placed_at=moment(2026, 1, 5))
    run = money.happened(order, OrderEventKind.PAID, moment(2026, 1, 6))
    assert schedule.run_due(now=moment(2027, 1, 1))["rating_failed"] == 1
    make.policy()
    schedule.heal(now=moment(2026, 1, 7))
    run.refresh_from_db()
    assert run.state == RatingRun.State.DONE
    assert Accrual.objects.count() >= 1


@pytest.mark.parametrize("codes", [("nord",), ("nord", "sor", "ost")])
def test_closing_a_month_takes_as_many_queries_for_one_as_for_three(
    codes: tuple[str, ...], django_assert_num_queries: object
) -> None:
    """Releases, statements and lines are written set by set."""
    money.programme()
    for code in codes:
        partner = make.partner(code)
        for number in range(3):
            order = money.credited(f"ORD-{code}-{number}", (partner, "resale", 10_000), placed_at=moment(2026, 1, 5))
            money.paid(order, moment(2026, 1, 6))
    statements.close_month(month=Month(2026, 1), now=moment(2026, 3, 1))
    with django_assert_num_queries(36):  # type: ignore[operator]
        statements.close_month(month=Month(2026, 2), now=moment(2026, 3, 1))
    assert Statement.objects.count() == len(codes)


def test_a_statement_that_carries_over_is_paid_with_the_one_that_pays_it() -> None:
    """EUR 15.00 in April is below the smallest payment; May's statement asks for both, and settles both."""
    nord = make.partner("nord")
    money.programme(minimum_payable_minor={"EUR": 20_00})
    for number, day in (("ORD-A", moment(2026, 3, 2)), ("ORD-B", moment(2026, 4, 2))):
        money.paid(money.credited(number, (nord, "resale", 10_000), placed_at=day), day)
    schedule.run_due(now=moment(2026, 6, 1))
    april, may = Statement.objects.order_by("period_start")
    assert (april.payable_minor, may.payable_minor, may.asked_before_minor) == (0, 30_00, 0)
    assert (april.minimum_payable_minor, april.state) == (20_00, "closed")
    statements.approve(statement_id=may.pk, at=moment(2026, 6, 2))
    payout = payouts.create(statement_id=may.pk, at=moment(2026, 6, 2))
    payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=moment(2026, 6, 2))
    assert list(Statement.objects.values_list("state", flat=True)) == ["paid", "paid"]
    payouts.returned(payout_id=payout.pk, at=moment(2026, 6, 4), reason="account closed")
    assert list(Statement.objects.order_by("period_start").values_list("state", flat=True)) == ["closed", "approved"]
