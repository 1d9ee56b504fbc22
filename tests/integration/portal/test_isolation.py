"""Partner A never sees a row of partner B: not on a page, in a file, by searching, or in a count."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels.journeys.services.relationships import set_renewal_steward
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.integration.portal import worlds
from tests.integration.portal.reading import file, page
from tests.integration.portal.worlds import NOON, TODAY, browser, days

pytestmark = pytest.mark.django_db

PAGES = ("dashboard", "orders", "links", "customers", "statements", "team", "link-new")
CANARY = "zzcanary"


@pytest.fixture
def partners() -> tuple[ChannelPartner, ChannelPartner]:
    """Anna, and a canary whose every text says so; both earned on one shared order and one of their own."""
    worlds.rules_of_play()
    anna = make.partner("anna")
    canary = make.partner(CANARY, name="Zzcanary Networks", tier="platinum")
    for partner in (anna, canary):
        worlds.level(partner, 2)
    make.member(canary, "sales", first_name="Zzcanary", last_name="Person", email="zzcanary@example.com")
    worlds.paid(worlds.shared("ORD-1", anna, canary))
    code = make.code(canary, f"{CANARY}-link", label="Zzcanary label", campaign="zzcanary-campaign")
    facts = make.company_facts("zzcompany", name="Zzcanary Customer AS", email_domain="zzcanary.example.com")
    make.company("zzcompany", name=facts.name, email_domain=facts.email_domain)
    worlds.visit(canary, NOON - days(2), code, company_key="zzcompany", campaign="zzcanary-campaign")
    lines = (make.line("ZZCANARY-9/1", 7_777_00, title="Zzcanary product"),)
    worlds.sold("ZZCANARY-9", through=canary, company=facts, lines=lines)
    set_renewal_steward(company_key="zzcompany", partner_code=CANARY, valid_from=NOON, at=NOON, source="desk")
    soon = (TODAY + days(20)).date()
    worlds.subscription("zz", "zzcompany", soon, title="Zzcanary contract", company_values={"name": facts.name})
    worlds.sold("ORD-2", through=anna, at=NOON + days(1))
    worlds.stated_and_paid(anna, at=NOON + days(70))
    worlds.stated_and_paid(canary, at=NOON + days(70))
    return anna, canary


def everything(client: Client, orders: list[str], statement: str) -> dict[str, str]:
    """Return the raw text of every page and file that the client may open."""
    found = {name: client.get(reverse(f"portal:{name}")).content.decode() for name in PAGES}
    found |= {number: client.get(reverse("portal:order", args=[number])).content.decode() for number in orders}
    found["statement"] = client.get(reverse("portal:statement", args=[statement])).content.decode()
    found["orders.csv"] = file(client, "orders-csv")
    found["statement.csv"] = file(client, "statement-csv", statement)
    return found


def test_no_text_of_the_other_is_anywhere(partners: tuple[ChannelPartner, ChannelPartner]) -> None:
    anna, canary = partners
    of_anna = everything(browser(anna), ["ORD-1", "ORD-2"], "ST-2026-04-EUR-ANNA")
    of_canary = everything(browser(canary), ["ORD-1", "ZZCANARY-9"], "ST-2026-04-EUR-ZZCANARY")

    assert {name: text.lower().count(CANARY) for name, text in of_anna.items()} == dict.fromkeys(of_anna, 0)
    # The same pages of the canary do show it, so the search above looks in the right places.
    silent = {name for name, text in of_canary.items() if CANARY not in text.lower()}
    assert silent == set()
    assert "7,777" not in "".join(of_anna.values())


def test_searching_finds_nothing_of_the_other(partners: tuple[ChannelPartner, ChannelPartner]) -> None:
    anna, canary = partners
    company = canary.relationships.first().company_id  # type: ignore[union-attr]
    client = browser(anna)

    assert "No credited order fits all of this" in page(client, "orders", q="ZZCANARY")
    assert "No credited order fits all of this" in page(client, "orders", q="Zzcanary product")
    # A customer that is not Anna's is no choice, so it narrows nothing; the order list stays her own.
    assert "2 orders" in page(client, "orders", customer=str(company))
    assert "No customer of yours has this name" in page(client, "customers", q="zzcanary")
    assert CANARY not in file(client, "orders-csv", q="zz", customer=str(company)).lower()


def test_counts_and_sums_are_the_partners_own(partners: tuple[ChannelPartner, ChannelPartner]) -> None:
    anna, canary = partners
    of_anna, of_canary = browser(anna), browser(canary)

    # 60 % and 40 % of 3,200.00 at 8 %, each one's own order at 12 %, and the canary's influence on Anna's at 4 %.
    assert "2 orders · €273.60" in page(of_anna, "orders")
    assert "3 orders · €1,075.64" in page(of_canary, "orders")
    assert "Earned €273.60" in page(of_anna, "dashboard")
    assert "Earned €1,075.64" in page(of_canary, "dashboard")
    assert "1 customer " in page(of_anna, "customers")
    assert "2 customers " in page(of_canary, "customers")
    assert "None of the contracts that you look after renews" in page(of_anna, "dashboard")
    assert "1 renewal, worth €4,800.00" in page(of_canary, "dashboard")
    assert "You have no link yet" in page(of_anna, "links")
    assert "1 member" not in page(of_anna, "team")


def test_a_forged_address_of_a_filter_is_harmless(partners: tuple[ChannelPartner, ChannelPartner]) -> None:
    client = browser(partners[0])
    assert client.get("/portal/links/99999999999999999999999/").status_code == 404
    bad: list[dict[str, Any]] = [
        {"customer": "1 OR 1=1"}, {"customer": "999999999999999999999"}, {"type": "NOPE"}, {"state": "'"},
        {"since": "9999-12-31"}, {"until": "9999-12-31"}, {"since": "nonsense"}, {"q": "\x00"}, {"page": "-1"},
        {"since": "2026-05-01", "until": "2026-01-01"}, {"q": "%"}, {"q": "_"},
    ]  # fmt: skip
    for query in bad:
        assert client.get(reverse("portal:orders"), query).status_code == 200, query
        assert client.get(reverse("portal:orders-csv"), query).status_code == 200, query
    assert "No credited order fits" in page(client, "orders", q="%")
