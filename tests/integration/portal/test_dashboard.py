"""The front page: tiles, months, renewals, and a partner's first day."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from channels.journeys.services.relationships import set_renewal_steward
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.integration.portal import worlds
from tests.integration.portal.reading import page, portal_queries
from tests.integration.portal.worlds import NOON, TODAY, browser, days

pytestmark = pytest.mark.django_db

DASHBOARD_QUERIES = 9  # member, level, balances, months, orders, accruals, credits, renewals, the next one


@pytest.fixture
def anna() -> ChannelPartner:
    worlds.rules_of_play()
    return make.partner("anna")


def bars(client: Client) -> list[tuple[str, str]]:
    chart = client.get(reverse("portal:dashboard")).context["chart"]
    return [(bar["label"], bar["display"]) for bar in chart["bars"] if bar["value"]]


def test_the_tiles_are_the_ledger(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    worlds.stated_and_paid(anna, at=NOON + days(70))
    worlds.sold("ORD-2", through=anna, at=NOON + days(72), net_minor=500_00)  # payable on 17 June
    order = worlds.sold("ORD-3", through=anna, at=NOON + days(60), net_minor=400_00)
    worlds.run_due(now=TODAY)
    worlds.refunded(order, 100_00, TODAY)

    text = page(browser(anna), "dashboard")

    assert "Earned €216.00" in text
    assert "Held €60.00" in text
    assert "Payable €36.00" in text
    assert "Paid €120.00" in text


def test_what_is_to_be_paid_back_lowers_what_is_payable(anna: ChannelPartner) -> None:
    order = worlds.sold("ORD-1", through=anna)
    worlds.stated_and_paid(anna, at=NOON + days(70))
    worlds.refunded(order, 500_00, NOON + days(80))

    text = page(browser(anna), "dashboard")

    assert "Payable -€60.00 after €60.00 to be paid back" in text
    assert "Paid €120.00" in text


def test_the_months_show_what_is_left_of_each(anna: ChannelPartner) -> None:
    order = worlds.sold("ORD-1", through=anna)  # earned in March
    worlds.sold("ORD-2", through=anna, at=NOON + days(61), net_minor=2000_00)  # earned in May
    worlds.refunded(order, 250_00, NOON + days(62))
    client = browser(anna)

    assert bars(client) == [("Mar 26", "€90.00"), ("May 26", "€240.00")]
    chart = client.get(reverse("portal:dashboard")).context["chart"]
    assert len(chart["bars"]) == 12
    assert chart["bars"][-1]["label"] == "Jun 26"
    assert "The last twelve months: €330.00" in page(client, "dashboard")
    assert "Show as a table" in page(client, "dashboard")


def test_the_bars_are_stacked_by_how_far_they_have_come(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    worlds.stated_and_paid(anna, at=NOON + days(70))
    worlds.sold("ORD-2", through=anna, at=NOON + days(95))
    worlds.run_due(now=TODAY)

    chart = browser(anna).get(reverse("portal:dashboard")).context["chart"]

    stacks = {bar["label"]: [segment["value"] for segment in bar["segments"]] for bar in chart["bars"]}
    assert stacks["Mar 26"] == [120_00, 0, 0]
    assert stacks["Jun 26"] == [0, 0, 120_00]
    assert chart["max"] == 120_00
    sales = browser(anna, "sales").get(reverse("portal:dashboard")).context["chart"]
    assert all("segments" not in bar for bar in sales["bars"])


def test_sales_see_what_was_earned_and_no_balances(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    worlds.stated_and_paid(anna, at=NOON + days(70))

    text = page(browser(anna, "sales"), "dashboard")

    assert "Earned €120.00" in text
    for label in ("Payable", "until the return period", "your bank"):
        assert label not in text


def test_each_currency_has_its_own_tiles_and_chart(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    worlds.sold("ORD-2", through=anna, net_minor=50_000, currency="JPY", at=NOON + days(1))
    client = browser(anna)

    text = page(client, "dashboard")
    assert "Earned €120.00" in text
    assert "Earned ¥6,000" in text
    assert "The last twelve months: €120.00" in text
    assert "The last twelve months: ¥6,000" in page(client, "dashboard", currency="JPY")
    assert "The last twelve months: €120.00" in page(client, "dashboard", currency="XXX")


def renewing(level: int) -> ChannelPartner:
    anna, berta = make.partner("anna"), make.partner("berta")
    worlds.level(anna, level)
    worlds.sold("ORD-1", through=anna)
    for key, steward in (("fjord", "anna"), ("brewery", "anna"), ("elsewhere", "berta")):
        make.company(key)
        set_renewal_steward(company_key=key, partner_code=steward, valid_from=NOON - days(9), at=NOON, source="desk")
    worlds.subscription("s1", "fjord", date(2026, 6, 15))
    worlds.subscription("s2", "brewery", date(2026, 9, 12), value_minor=100_00)
    worlds.subscription("s3", "brewery", date(2026, 9, 13))  # the ninety-first day
    worlds.subscription("s4", "fjord", date(2026, 6, 14))
    worlds.subscription("s5", "fjord", date(2026, 7, 1), status="cancelled")
    worlds.subscription("s6", "elsewhere", date(2026, 7, 1), title="Not Anna's")
    assert berta.relationships.count() == 1
    return anna


@pytest.mark.parametrize(
    ("level", "there", "absent"),
    [
        (0, ["2 renewals at customers whose renewals you look after."], ["Fjord", "Brewery", "Nordlys Watch", "4,800"]),
        (1, ["2 renewals", "15 Jun 2026 Fjord", "12 Sep 2026 Brewery"], ["Nordlys Watch", "4,800", "worth €"]),
        (2, ["2 renewals, worth €4,900.00", "15 Jun 2026 Fjord Nordlys Watch Pro €4,800.00"], ["Elsewhere"]),
    ],
)
def test_renewals_follow_the_data_level(level: int, there: list[str], absent: list[str]) -> None:
    worlds.rules_of_play()
    text = page(browser(renewing(level)), "dashboard")
    for part in there:
        assert part in text
    for part in [*absent, "Not Anna's", "13 Sep", "14 Jun"]:
        assert part not in text


def test_a_renewal_further_off_is_announced(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    set_renewal_steward(company_key="fjord", partner_code="anna", valid_from=NOON, at=NOON, source="desk")
    worlds.subscription("s1", "fjord", date(2027, 7, 1))
    worlds.subscription("s2", "fjord", date(2027, 6, 1))
    client = browser(anna)

    assert "The next is that of Fjord on 1 June 2027." in page(client, "dashboard")
    worlds.level(anna, 0)
    assert "2027" not in page(client, "dashboard")


def test_finance_has_no_customers(anna: ChannelPartner) -> None:
    worlds.sold("ORD-1", through=anna)
    assert "Renewals" not in page(browser(anna, "finance"), "dashboard")


def test_a_new_partner_reads_what_to_do_first(anna: ChannelPartner) -> None:
    owner, finance = browser(anna), browser(anna, "finance")

    assert "Nothing is credited to you yet" in page(owner, "dashboard")
    assert "Make the first link" in page(owner, "dashboard")
    assert "Make the first link" not in page(finance, "dashboard")
    make.code(anna)
    assert "Make the first link" not in page(owner, "dashboard")
    assert "Your links" in page(owner, "dashboard")
    assert "Earned" not in page(owner, "dashboard")


def test_a_first_order_that_waits_for_its_payment_shows_zeros(anna: ChannelPartner) -> None:
    make.order("ORD-1", through=anna)
    worlds.run_due(now=NOON + days(1))
    text = page(browser(anna), "dashboard")
    assert "Earned €0.00" in text
    assert "Payable €0.00" in text
    assert "Waiting for payment" in text


def test_the_query_count_does_not_grow(anna: ChannelPartner) -> None:
    client = browser(anna)
    worlds.sold("ORD-1", through=anna)
    assert len(portal_queries(client, "dashboard")) == DASHBOARD_QUERIES

    worlds.sold("ORD-2", through=anna, at=NOON + days(1), company=make.company_facts("brewery"))
    worlds.sold("ORD-3", through=anna, at=NOON + days(2), company=make.company_facts("dairy"))
    assert len(portal_queries(client, "dashboard")) == DASHBOARD_QUERIES
    assert len(client.get(reverse("portal:dashboard")).context["recent"]) == 3
