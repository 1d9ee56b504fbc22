"""The dashboard's figures and the cost of selling: exact values, each row counted once, constant queries."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channels import api
from channels.commissions.models import Accrual, Dispute
from channels.contracts import Medium, TouchKind
from channels.harmony.models import CostRate
from channels.harmony.selectors import costs, dashboard
from channels.harmony.services import costs as cost_services
from channels.journeys.models import AttributionRun
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import harmony
from tests.integration.harmony.worlds import END, START, TODAY, blocked, partner, person, read_csv, sold, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def desk(client):
    client.force_login(person())
    return client


# --- figures --------------------------------------------------------------------------------------------------------


def test_direct_share_counts_each_order_once_however_many_lines_credits_and_touches_it_has(desk):
    money.programme()
    one, two = partner("one"), partner("two")
    lines = tuple(make.line(f"A/{n}", 50_00) for n in (1, 2))
    money.credited("A", (one, "referral", 5_000), (two, "referral", 5_000), lines=lines)
    make.order("B", through=one, lines=(make.line("B/1", 300_00),))
    make.order("C", country="SE", lines=(make.line("C/1", 80_00),))
    make.order("D", placed_at=END, lines=(make.line("D/1", 80_00),))

    rows = dashboard.direct_share(start=START, end=END)

    assert [
        (row.country, row.orders, row.direct_orders, row.net_minor, row.direct_minor, row.direct_bp) for row in rows
    ] == [
        ("NO", 2, 1, 400_00, 100_00, 2_500),
        ("SE", 1, 1, 80_00, 80_00, 10_000),
    ]


def test_an_account_counts_as_credited_by_its_latest_attribution():
    money.programme()
    made = partner()
    kept = money.credited("A", (made, "referral", 10_000), company=make.company_facts("kept"))
    lost = money.credited("B", (made, "referral", 10_000), company=make.company_facts("lost"))
    money.attributed_anew(lost)
    make.order("C", company=make.company_facts("never"))
    make.company("silent")

    found = dashboard.accounts(start=START, end=END)

    assert (found.ordered, found.uncredited) == (3, 2)
    assert [row.key for row in found.companies] == ["lost", "never"]
    assert kept.number == "A"


def test_prevented_undercuts_are_counted_by_outcome_with_their_gap():
    partner("one")
    partner("two")
    blocked()
    harmony.mode(promotions="top_up")
    api.record_price_check(harmony.price_check(harmony.proposal(50_00), label="Later"))

    found = dashboard.undercuts(start=START, end=END)

    assert (found.prevented, found.by_outcome, found.prevented_gaps) == (
        1,
        {"blocked": 1, "topped_up": 1},
        {"EUR": 20_00},
    )
    assert dashboard.undercuts(start=END, end=END + timedelta(1)).prevented == 0


def test_time_to_credit_is_by_nearest_rank():
    made = make.partner("fjordtek")
    for number in range(1, 11):
        order = money.credited(f"ORD-{number}", (made, "referral", 10_000))
        AttributionRun.objects.filter(order=order).update(finished_at=make.NOON + timedelta(minutes=number))

    found = dashboard.time_to_credit(start=START, end=END)

    assert (found.cases, found.median, found.p90) == (10, timedelta(minutes=5), timedelta(minutes=9))
    assert dashboard.waiting([]).median is None
    assert dashboard.waiting([timedelta(hours=3)]).p90 == timedelta(hours=3)


def test_disputes_are_counted_against_credited_orders_and_the_open_ones_aged():
    made = make.partner("fjordtek")
    for number in range(4):
        money.credited(f"ORD-{number}", (made, "referral", 10_000))
    make.order("ORD-9")
    person_ = make.user()
    for number, (state, age) in enumerate([("open", 2), ("under_review", 4), ("withdrawn", 9)]):
        Dispute.objects.create(
            number=f"D-{number}", partner=made, kind="share", named=f"ORD-{number}", reason="Ours", state=state,
            opened_at=END - make.days(age), due_at=END, opened_by=person_,
        )  # fmt: skip

    found = dashboard.disputes(start=START, end=END)

    assert (found.opened, found.credited_orders, found.rate_bp) == (3, 4, 7_500)
    assert (found.open.cases, found.open.median, found.open.p90) == (2, timedelta(days=2), timedelta(days=4))


def test_the_dashboard_defines_each_figure_and_gives_its_table_as_a_file(desk):
    money.programme()
    sold("ORD-1", partner())
    blocked()

    page = desk.get(reverse("desk_harmony"), {"since": "2026-03-01", "until": "2026-03-15"})

    text = text_of(page)
    for title in (
        "Direct share by territory",
        "Registered accounts with no credit",
        "Undercuts prevented",
        "Time to credit",
    ):
        assert title in text
    rows = read_csv(
        desk.get(reverse("desk_harmony_csv", args=["direct-share"]), {"since": "2026-03-01", "until": "2026-03-15"})
    )
    assert rows[1] == ["NO", "EUR", "1", "1", "100.00", "100.00", "100.0"]
    assert desk.get(reverse("desk_harmony_csv", args=["nonsense"])).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_dashboard_costs_the_same_for_one_of_each_and_three(desk, number, django_assert_num_queries):
    money.programme()
    for place in range(number):
        sold(
            f"ORD-{place}",
            partner(f"p{place}"),
            company=make.company_facts(f"c{place}"),
            country=("NO", "SE", "DK")[place],
        )
        blocked(f"Sale {place}", reference=f"offer:{place}")
    with CaptureQueriesContext(connection) as queries:
        page = desk.get(reverse("desk_harmony"))
    assert page.status_code == 200
    assert len([query for query in queries if "channels_" in query["sql"] and 'FROM "auth' not in query["sql"]]) == 10


# --- cost of selling ------------------------------------------------------------------------------------------------


def test_the_cost_of_selling_is_what_its_rows_add_up_to(desk):
    """Two lines, two partners, two touches and a refund on one order: nothing is counted twice."""
    money.programme()
    make.company("fjord")
    one, two = make.partner("one"), make.partner("two")
    lines = tuple(make.line(f"A/{n}", 50_00) for n in (1, 2))
    for number in range(2):
        make.touch(
            None, make.NOON - make.days(0.5) + timedelta(minutes=number), kind=TouchKind.VISIT, medium=Medium.FIELD_SALES,
            cost_minor=12_00, cost_currency="EUR",
        )  # fmt: skip
    order = money.credited("A", (one, "referral", 5_000), (two, "referral", 5_000), lines=lines)
    money.paid(order)
    money.refunded(order, make.NOON + make.days(2), ("A/1", 0, 50_00))
    cost_services.set_rate(
        kind=CostRate.Kind.PAYMENT, currency="EUR", rate_bp=290, flat_minor=25, at=START, valid_from=START
    )
    cost_services.set_rate(kind=CostRate.Kind.SUPPORT, currency="EUR", flat_minor=4_00, at=START, valid_from=START)

    report = costs.cost_of_selling(start=START, end=END)

    cell = report.cells["direct", "acquire", "EUR"]
    commission = sum(row.amount_minor for row in Accrual.objects.all())
    assert (cell.orders, cell.net_minor, cell.touches_minor) == (1, 100_00, 24_00)
    assert (cell.commission_minor, commission) == (5_00, 5_00)
    assert (cell.payment_minor, cell.support_minor, cell.cost_minor) == (3_15, 4_00, 36_15)
    assert list(report.cells) == [("direct", "acquire", "EUR")]
    page = text_of(desk.get(reverse("desk_costs"), {"since": "2026-03-01", "until": "2026-03-20"}))
    assert "Direct Acquire 1 100.00 EUR 24.00 EUR 5.00 EUR 3.15 EUR 4.00 EUR 36.15 EUR 36.15 %" in page
    rows = read_csv(desk.get(reverse("desk_costs_csv"), {"since": "2026-03-01", "until": "2026-03-20"}))
    assert rows[1] == ["Direct", "Acquire", "", "", "EUR", "1", "100.00", "24.00", "5.00", "3.15", "4.00", "36.15"]
    assert rows[2][2:9] == ["Visit", "Field sales", "EUR", "2", "", "24.00", ""]


@pytest.mark.parametrize("number", [1, 3])
def test_the_cost_report_costs_the_same_for_one_order_and_three(number, django_assert_num_queries):
    money.programme()
    make.company("fjord")
    made = make.partner("one")
    for place in range(number):
        make.touch(made, make.NOON, cost_minor=5, cost_currency="EUR", key=f"t{place}")
        sold(f"ORD-{place}", made)
    with django_assert_num_queries(5):
        assert costs.cost_of_selling(start=START, end=END).touches


def test_a_cost_is_set_on_a_page(desk):
    form = {"kind": "payment", "channel": "direct", "rate_bp": "2.9", "flat": "0.25", "currency": "EUR",
            "valid_from": "2026-01-01T00:00", "reason": "Contract with the bank"}  # fmt: skip
    desk.post(reverse("desk_cost_rate_add"), form)

    row = CostRate.objects.get()
    assert (row.rate_bp, row.flat_minor, row.channel) == (290, 25, "direct")
    assert "2.9 %" in text_of(desk.get(reverse("desk_costs")))
