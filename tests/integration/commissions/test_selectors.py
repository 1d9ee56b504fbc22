"""What the portal and the desk read: sums from the ledger, and one partner's rows only."""

from datetime import timedelta

import pytest

from channels.commissions.models import LedgerEntry, Statement
from channels.commissions.selectors import earnings
from channels.commissions.selectors import ledger as browser
from channels.commissions.selectors import statements as statement_selectors
from channels.commissions.selectors.balances import Balance, balances
from channels.commissions.services import schedule
from channels.contracts import OrderEventKind
from channels.core.periods import Month
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
NOON = make.NOON


@pytest.fixture
def nord() -> ChannelPartner:
    """Three orders of Nord and Sor together: one released, one held, one unpaid. Two lines each, one refunded."""
    nord, sor = make.partner("nord"), make.partner("sor")
    money.programme()
    for number, days in (("ORD-A", 0), ("ORD-B", 40), ("ORD-C", 41)):
        order = money.credited(
            number, (nord, "resale", 10_000), (nord, "influence", 4_000), (sor, "influence", 6_000),
            placed_at=NOON + timedelta(days=days), company=make.company_facts(number.lower()),
            lines=(make.line(f"{number}/1", 100_00), make.line(f"{number}/2", 50_00, title="Gateway G2")),
        )  # fmt: skip
        if number != "ORD-C":
            money.paid(order)
    money.refunded(make.OrderRecord.objects.get(number="ORD-A"), NOON + timedelta(days=5), ("ORD-A/2", 1, 50_00))
    schedule.run_due(now=NOON + timedelta(days=60))
    return nord


@pytest.fixture
def sor(nord: ChannelPartner) -> ChannelPartner:
    return ChannelPartner.objects.get(code="sor")


def test_balances_are_sums_of_entries(nord: ChannelPartner, sor: ChannelPartner) -> None:
    """Each partner's own, and nothing for a partner without entries."""
    assert balances(nord) == [Balance("EUR", earned=42_50, held=25_50, payable=17_00)]
    assert balances(sor) == [Balance("EUR", earned=7_50, held=4_50, payable=3_00)]
    assert balances(make.partner("ost")) == []
    assert balances(nord, before=NOON + timedelta(days=2)) == [Balance("EUR", earned=25_50, held=25_50)]


def test_months_hold_what_was_earned_and_taken_back(nord: ChannelPartner) -> None:
    """Empty months are there, so that a chart has no holes."""
    months = earnings.earned_by_month(nord, currency="EUR", now=NOON + timedelta(days=60), months=4)
    assert [(str(row.month), row.amount_minor) for row in months] == [
        ("2026-02", 0), ("2026-03", 17_00), ("2026-04", 25_50), ("2026-05", 0),
    ]  # fmt: skip
    assert months[0].month == Month(2026, 2)
    assert earnings.earned_by_type(nord, currency="EUR") == {"INFLUENCE": 5_00, "RESALE": 37_50}


def test_credited_orders_with_filters(nord: ChannelPartner, sor: ChannelPartner) -> None:
    """One row per order however many lines and credits, each with the partner's own sum."""
    rows = earnings.credited_orders(nord).values_list("number", "earned_minor", "credited_bp")
    assert list(rows) == [("ORD-C", 0, 10_000), ("ORD-B", 25_50, 10_000), ("ORD-A", 17_00, 10_000)]
    rows = earnings.credited_orders(sor).values_list("number", "earned_minor", "credited_bp")
    assert list(rows) == [("ORD-C", 0, 6_000), ("ORD-B", 4_50, 6_000), ("ORD-A", 3_00, 6_000)]

    def numbers(**filters: object) -> list[str]:
        return [order.number for order in earnings.credited_orders(nord, **filters)]  # type: ignore[arg-type]

    assert numbers(state="held") == ["ORD-B"]
    assert numbers(pool="renewal") == []
    assert numbers(query="gateway") == ["ORD-C", "ORD-B", "ORD-A"]
    assert numbers(query="ord-b") == ["ORD-B"]
    assert numbers(placed_from=NOON + timedelta(days=40), placed_before=NOON + timedelta(days=41)) == ["ORD-B"]
    influence = earnings.credited_orders(nord, pool="influence").values_list("number", "earned_minor", "credited_bp")
    assert list(influence)[2] == ("ORD-A", 2_00, 4_000)
    assert earnings.credited_orders(nord).count() == 3
    assert list(earnings.credited_orders(make.partner("ost"))) == []


def test_an_attribution_taken_back_leaves_only_what_was_earned(nord: ChannelPartner, sor: ChannelPartner) -> None:
    """A partner no longer credited still sees the order that it earned on, and no longer the one it did not."""
    for number in ("ORD-A", "ORD-C"):
        order = make.OrderRecord.objects.get(number=number)
        money.attributed_anew(order, (nord, "resale", 10_000), (nord, "influence", 10_000))
    schedule.heal(now=NOON + timedelta(days=61))
    rows = earnings.credited_orders(sor).values_list("number", "earned_minor", "credited_bp")
    assert list(rows) == [("ORD-B", 4_50, 6_000), ("ORD-A", 0, 0)]


def test_statements_of_one_partner(nord: ChannelPartner, sor: ChannelPartner) -> None:
    """Its own numbers only; the lines sum to the movement."""
    statement = statement_selectors.statements(nord).get()
    assert statement_selectors.statement(nord, statement.number) == statement
    assert statement_selectors.statement(sor, statement.number) is None
    lines = statement_selectors.detail_lines(statement)
    assert sum(line.amount_minor for line in lines) == statement.movement_minor == 17_00
    assert [(line.kind, line.order_number, line.type, line.amount_minor) for line in lines] == [
        ("release", "ORD-A", "INFLUENCE", 2_00), ("release", "ORD-A", "RESALE", 15_00),
    ]  # fmt: skip
    assert statement_selectors.totals_by_kind(lines) == {"release": 17_00}
    assert statement_selectors.settling(statement) == statement
    assert Statement.objects.count() == 2


def test_the_ledger_browser_filters(nord: ChannelPartner, sor: ChannelPartner) -> None:
    """Every account sums to the balance, all of them to nothing."""
    assert browser.entries().count() == LedgerEntry.objects.count()
    assert browser.partner_entries(sor).exclude(partner=sor).count() == 0
    assert browser.entries(partner=sor, kind="release").count() == 2
    assert {entry.account for entry in browser.entries(account="Expense:")} == {
        "Expense:Commission:INFLUENCE", "Expense:Commission:RESALE",
    }  # fmt: skip
    assert browser.entries(query="ORD-B").count() == 12
    assert browser.entries(booked_before=NOON + timedelta(days=1)).count() == 0
    assert sum(total for _, _, total in browser.totals_by_account()) == 0


def test_what_waits_for_a_person(nord: ChannelPartner) -> None:
    """Failed runs and accruals under review, for the desk."""
    assert list(earnings.failed_ratings()) == []
    order = make.order("ORD-D")
    money.happened(order, OrderEventKind.PAID, NOON + timedelta(days=1))
    assert [(run.order.number, run.state) for run in earnings.failed_ratings()] == [("ORD-D", "pending")]
    assert list(earnings.open_reviews()) == []


@pytest.mark.parametrize("orders", [1, 3])
def test_a_list_takes_one_query(orders: int, django_assert_num_queries: object) -> None:
    """However many orders there are."""
    partner = make.partner("nord")
    money.programme()
    for number in range(orders):
        money.paid(money.credited(f"ORD-{number}", (partner, "resale", 10_000)))
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len([row.company.name for row in earnings.credited_orders(partner)]) == orders
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len([entry.posting.order for entry in browser.partner_entries(partner)]) == 2 * orders
