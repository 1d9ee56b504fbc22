"""The list of credited orders, its totals, and its file."""

import csv
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from channels.contracts import OrderEventKind
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.integration.portal import worlds
from tests.integration.portal.reading import file, page, portal_queries
from tests.integration.portal.worlds import NOON, browser, days

pytestmark = pytest.mark.django_db

LIST_QUERIES = 8  # member, level, customers, total, count, page, accruals, credits
RULE = "Resale rule,channel.v1"
HEAD = (
    "Order,Placed,Renewal,Customer,Order total,Line,Type,Share %,Base,Rate %,Commission,Currency,State,Earned,"
    "Held until,Rule,Programme"
)


@pytest.fixture
def anna() -> ChannelPartner:
    worlds.rules_of_play()
    return make.partner("anna")


def found(client: Client, **query: str) -> list[str]:
    return [row["number"] for row in client.get(reverse("portal:orders"), query).context["rows"]]


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_filters_narrow_the_list_and_its_total(anna: ChannelPartner) -> None:
    berta = make.partner("berta")
    worlds.paid(worlds.shared("ORD-1", anna, berta))
    worlds.sold("ORD-2", through=anna, at=NOON + days(40), company=make.company_facts("brewery"))
    make.order("ORD-3", through=anna, placed_at=NOON + days(41))
    worlds.run_due(now=NOON + days(60))
    client = browser(anna)
    brewery = str(make.company("brewery").pk)

    assert found(client) == ["ORD-3", "ORD-2", "ORD-1"]
    assert found(client, type="RESALE") == ["ORD-3", "ORD-2"]
    assert found(client, type="REFERRAL") == ["ORD-1"]
    assert found(client, state="unearned") == ["ORD-3"]
    assert found(client, state="held") == ["ORD-2"]
    assert found(client, state="stated") == ["ORD-1"]
    assert found(client, state="paid") == []
    assert found(client, customer=brewery) == ["ORD-2"]
    assert found(client, q="d-2") == ["ORD-2"]
    assert found(client, since="2026-04-11") == ["ORD-3", "ORD-2"]
    assert found(client, until="2026-04-11") == ["ORD-2", "ORD-1"]
    assert found(client, since="2026-04-12", until="2026-04-12") == ["ORD-3"]
    assert found(client, until="2026-03-01") == []
    assert "3 orders · €273.60" in page(client, "orders")
    assert "1 order · €153.60" in page(client, "orders", type="REFERRAL")
    assert "This is before the first day." in page(client, "orders", since="2026-04-11", until="2026-04-10")
    swap = {"HX-Request": "true", "HX-Target": "order-results"}
    swapped = client.get(reverse("portal:orders"), {"since": "1/2"}, headers=swap).content.decode()
    assert "Placed from: Enter a valid date. It is left out." in swapped


def test_a_type_counts_its_own_commission_only(anna: ChannelPartner) -> None:
    """Anna resells to one company, and distributes over herself nowhere: two pools of one order stay apart."""
    parent = make.partner("parent", kind="distributor")
    ChannelPartner.objects.filter(pk=anna.pk).update(parent=parent)
    worlds.sold("ORD-1", through=anna)
    client = browser(parent)

    assert "1 order · €20.00" in page(client, "orders")
    assert "1 order · €20.00" in page(client, "orders", type="OVERRIDE")
    assert found(client, type="RESALE") == []


def test_what_was_taken_back_counts_where_it_was_earned(anna: ChannelPartner) -> None:
    order = worlds.sold("ORD-1", through=anna)
    worlds.refunded(order, 250_00, NOON + days(9))
    client = browser(anna)

    assert "1 order · €90.00" in page(client, "orders", state="held")
    assert found(client, state="reversed") == []
    worlds.refunded(order, 750_00, NOON + days(10))
    assert found(client, state="held") == []
    assert "1 order · €0.00" in page(client, "orders", state="reversed")


def test_an_order_without_commission_says_why(anna: ChannelPartner) -> None:
    """Cancelled before payment, cancelled in part, and paid although no rule fits."""
    rules = worlds.terms()
    rules["rules"] = [rule | {"conditions": {"product_classes": ["hardware"]}} for rule in rules["rules"]]
    worlds.rules_of_play(rules)  # in force beside the first, and later
    gone, part = (make.order(number, through=anna) for number in ("ORD-1", "ORD-2"))
    worlds.sold("ORD-3", through=anna, lines=(make.line("ORD-3/1", product_class="service"),))
    worlds.event(gone, OrderEventKind.CANCELLED, NOON + days(2), ("ORD-1/1", 1, 100_00))
    worlds.event(part, OrderEventKind.CANCELLED, NOON + days(2), ("ORD-2/1", 0, 40_00))
    client = browser(anna)

    rows = client.get(reverse("portal:orders"), {"state": "unearned"}).context["rows"]
    assert {row["number"]: [state["label"] for state in row["states"]] for row in rows} == {
        "ORD-1": ["Cancelled"],
        "ORD-2": ["Waiting for payment"],
        "ORD-3": ["No commission"],
    }
    assert "The order was cancelled before it was paid" in page(client, "order", "ORD-1")
    assert "commission is earned when the customer pays" in page(client, "order", "ORD-2")
    assert "No rule of the programme pays for this credit." in page(client, "order", "ORD-3")


def test_currencies_are_not_added_up(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    worlds.sold("ORD-2", through=anna, net_minor=50_000, currency="JPY", at=NOON + days(1))
    assert "2 orders · €120.00 + ¥6,000" in page(browser(anna), "orders")


def test_the_query_count_does_not_grow(anna: ChannelPartner) -> None:
    client = browser(anna)
    worlds.sold("ORD-1", through=anna)
    assert len(portal_queries(client, "orders")) == LIST_QUERIES

    worlds.sold("ORD-2", through=anna, at=NOON + days(1), company=make.company_facts("brewery"))
    worlds.sold("ORD-3", through=anna, at=NOON + days(2), company=make.company_facts("dairy"))
    assert len(portal_queries(client, "orders")) == LIST_QUERIES
    assert len(client.get(reverse("portal:orders")).context["rows"]) == 3


def test_htmx_gets_the_results_alone_and_a_page_keeps_its_filter(anna: ChannelPartner) -> None:
    for number in range(26):
        make.order(f"ORD-{number:02}", through=anna, placed_at=NOON + days(number / 24))
    worlds.run_due(now=NOON + days(3))
    client = browser(anna)

    swapped = client.get(
        reverse("portal:orders"),
        {"type": "RESALE"},
        headers={"HX-Request": "true", "HX-Target": "order-results"},
    )
    body = swapped.content.decode()
    assert body.lstrip().startswith('<section id="order-results"')
    assert "<html" not in body
    assert 'href="?type=RESALE&amp;page=2"' in body
    assert found(client, type="RESALE", page="2") == ["ORD-00"]


def test_nothing_credited_says_what_to_do(anna: ChannelPartner) -> None:
    text = page(browser(anna), "orders")
    assert "No order credits you yet" in text
    assert "Make a link" in text
    assert "Make a link" not in page(browser(anna, "finance"), "orders")


# --- the file -------------------------------------------------------------------------------------------------------


def test_the_file_holds_each_commission(anna: ChannelPartner) -> None:
    order = worlds.sold("ORD-1", through=anna)
    worlds.refunded(order, 250_00, NOON + days(9))
    make.order("ORD-2", through=anna, placed_at=NOON + days(20))
    worlds.run_due(now=NOON + days(21))

    text = file(browser(anna), "orders-csv")

    assert text.splitlines() == [
        HEAD,
        "ORD-2,2026-03-22,0,Fjord,100.00,Line 1,Resale,100,,,,EUR,Waiting for payment,,,,",
        f"ORD-1,2026-03-02,0,Fjord,1000.00,Line 1,Resale,100,1000.00,12,120.00,EUR,Held,2026-03-07,2026-04-06,{RULE}",
        f"ORD-1,2026-03-02,0,Fjord,1000.00,Line 1,Resale,100,-250.00,12,-30.00,EUR,Held,2026-03-11,2026-04-06,{RULE}",
    ]  # fmt: skip


def test_the_file_follows_the_filter(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    worlds.sold("ORD-2", through=anna, at=NOON + days(1))
    assert [row["Order"] for row in table(file(browser(anna), "orders-csv", q="ORD-2"))] == ["ORD-2"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_starts_a_formula(anna: ChannelPartner, start: str) -> None:
    worlds.level(anna, 2)
    facts = make.company_facts("evil", name=f"{start}SUM(A1) AS")
    lines = (make.line("ORD-1/1", 1000_00, title=f"{start}cmd|' /C calc'!A0"),)
    order = worlds.sold("ORD-1", through=anna, company=facts, lines=lines)
    worlds.refunded(order, 250_00, NOON + days(9))

    rows = table(file(browser(anna), "orders-csv"))

    assert {row["Customer"] for row in rows} == {f"'{start}SUM(A1) AS"}
    assert {row["Line"] for row in rows} == {f"'{start}cmd|' /C calc'!A0"}
    assert [row["Commission"] for row in rows] == ["120.00", "-30.00"]  # numbers stay numbers


def test_the_file_is_streamed_as_a_download(anna: ChannelPartner) -> None:
    response = browser(anna).get(reverse("portal:orders-csv"))
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="credited-orders-anna-2026-06-15.csv"'
