"""Customers, and how much of them each data level shows: on every page and in every file."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from channels.commissions.models import StewardAcceptance
from channels.commissions.services.stewards import NotSteward, accept
from channels.journeys.models import Relationship
from channels.journeys.services import relationships
from channels.partners.models import Agreement, ChannelPartner
from channels.portal.disclosure import Disclosure, disclosure_for
from tests.factories import channels as make
from tests.integration.portal import worlds
from tests.integration.portal.reading import file, page, portal_queries
from tests.integration.portal.worlds import NOON, TODAY, browser, days

pytestmark = pytest.mark.django_db

CUSTOMER_QUERIES = 7  # member, level, count, page, relationships, sums, renewals
# What of a customer appears from which level on.
FROM_LEVEL = {
    "Fjord Bryggeri": 1,
    "1,234.00": 1,
    "1 Sep 2026": 1,
    "fjord.example.com": 2,
    "Norway": 2,
    "Secret sensor": 2,
    "Secret contract": 2,
    "4,800.00": 2,
}
# In the file a total and a day are written for a spreadsheet, and renewals are not in it.
FROM_LEVEL_IN_FILES = {"Fjord Bryggeri": 1, "1234.00": 1, "Secret sensor": 2}


def world(level: int) -> tuple[ChannelPartner, Client]:
    """A partner with one customer, one order of two lines of which it is credited, and one renewal."""
    worlds.rules_of_play()
    anna = make.partner("anna")
    worlds.level(anna, level)
    facts = make.company_facts("fjord", name="Fjord Bryggeri")
    lines = (make.line("ORD-1/1", 1000_00, title="Secret sensor"), make.line("ORD-1/2", 234_00, title="Secret sensor"))
    worlds.sold("ORD-1", through=anna, company=facts, lines=lines)
    relationships.set_renewal_steward(
        company_key="fjord", partner_code="anna", valid_from=NOON, at=NOON, source="desk", evidence="secret evidence"
    )
    worlds.subscription("s1", "fjord", date(2026, 9, 1), title="Secret contract", company_values={"name": facts.name})
    worlds.stated_and_paid(anna, at=NOON + days(70))
    return anna, browser(anna)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_each_level_shows_its_fields_and_no_more(level: int) -> None:
    _, client = world(level)
    pages = {
        "dashboard": page(client, "dashboard"),
        "orders": page(client, "orders"),
        "order": page(client, "order", "ORD-1"),
        "customers": page(client, "customers"),
        "statement": page(client, "statement", "ST-2026-04-EUR-ANNA"),
    }
    files = {
        "orders": file(client, "orders-csv"),
        "statement": file(client, "statement-csv", "ST-2026-04-EUR-ANNA"),
    }

    for texts, fields in ((pages, FROM_LEVEL), (files, FROM_LEVEL_IN_FILES)):
        everything = " ".join(texts.values())
        for field, from_level in fields.items():
            assert (field in everything) == (level >= from_level), field
        # Its own commission is the partner's at every level.
        assert "120.00" in texts["orders"] or "148.08" in texts["orders"]
    assert "1,000.00 × 100 % × 12 % = 120.00" in pages["order"]
    assert "secret evidence" not in " ".join(pages.values())


def test_quotas_are_numbers() -> None:
    _, client = world(0)
    text = page(client, "customers")
    assert "Customers 1 Current customers 1" in text
    assert "Credited orders 1 Renewals in the next 90 days 1" in text
    assert "Reseller 1" in text
    assert "Your agreement shares quotas only" in text


def test_at_quotas_a_customer_is_neither_searched_nor_chosen() -> None:
    _, client = world(0)
    text = page(client, "orders", customer=str(make.company("brewery").pk))
    assert "1 order " in text  # no filter there is, so none is used
    assert "All customers" not in text
    assert "Fjord" not in page(client, "customers", q="Fjord")


def test_roles_totals_and_renewals() -> None:
    anna, client = world(2)
    make.company("brewery")
    relationships.set_relationship(
        company_key="brewery", partner_code="anna", role=Relationship.Role.ADVISOR,
        valid_from=NOON - days(300), valid_to=NOON, at=NOON, source="desk",
    )  # fmt: skip
    worlds.subscription("s2", "brewery", date(2026, 8, 1), title="No longer Anna's")
    make.company("dairy")
    worlds.visit(anna, TODAY - days(40), company_key="dairy")
    make.order("ORD-7", company=make.company_facts("dairy"), placed_at=TODAY - days(30))
    worlds.run_due(now=TODAY)

    text = page(client, "customers")

    assert "3 customers" in text
    assert "Brewery brewery.example.com · Norway Advisor ended 2 Mar 2026 6 May 2025 – 0" in text
    assert "Dairy dairy.example.com · Norway helped with an order 16 May 2026 – 1 €100.00" in text
    assert "2 Mar 2026 1 Sep 2026 Secret contract, €4,800.00 1 €1,234.00" in text
    assert "No longer Anna's" not in text
    assert "1 customer " in page(client, "customers", q="DAIR")


def test_orders_that_credit_others_are_not_counted() -> None:
    _, client = world(1)
    berta = make.partner("berta")
    worlds.sold("ORD-8", through=berta, at=NOON + days(100), company=make.company_facts("fjord", name="Fjord Bryggeri"))
    text = page(client, "customers")
    assert "1 €1,234.00" in text
    assert "2,234" not in text


def test_nobody_yet() -> None:
    worlds.rules_of_play()
    assert "No customers yet" in page(browser(make.partner("anna")), "customers")


def test_the_query_count_does_not_grow() -> None:
    anna, client = world(2)
    assert len(portal_queries(client, "customers")) == CUSTOMER_QUERIES
    for number, key in enumerate(("brewery", "dairy")):
        worlds.sold(f"ORD-1{number}", through=anna, at=NOON + days(80 + number), company=make.company_facts(key))
        worlds.subscription(key, key, date(2026, 8, 1))
    assert len(portal_queries(client, "customers")) == CUSTOMER_QUERIES


def test_the_level_is_that_of_the_agreement_in_force() -> None:
    anna = make.partner("anna")
    worlds.level(anna, 2)
    assert disclosure_for(anna, on=date(2024, 1, 1)) == Disclosure(2)
    assert disclosure_for(anna, on=date(2023, 12, 31)) == Disclosure(0)
    Agreement.objects.update(ends_on=date(2026, 6, 15))
    assert disclosure_for(anna, on=date(2026, 6, 14)) == Disclosure(2)
    assert disclosure_for(anna, on=date(2026, 6, 15)) == Disclosure(0)


def test_a_steward_accepts_to_look_after_a_customer() -> None:
    """Once; the page offers it while it is asked for, and nobody accepts for another."""
    anna, client = world(2)
    relationships.set_renewal_steward(company_key="fjord", partner_code="anna", valid_from=NOON, at=NOON, source="desk")
    row = Relationship.objects.get(partner=anna, role="renewal_steward")
    assert "Accept to look after it" in page(client, "customers")
    address = reverse("portal:steward-accept", args=[row.pk])
    assert browser(make.partner("berta")).post(address).status_code == 404
    for _ in range(2):
        assert client.post(address).status_code == 302
    assert StewardAcceptance.objects.get().relationship == row
    text = page(client, "customers")
    assert "Accept to look after it" not in text
    assert "accepted" in text


def test_a_steward_whose_time_is_over_accepts_nothing() -> None:
    anna, _client = world(2)
    relationships.set_renewal_steward(company_key="fjord", partner_code="anna", valid_from=NOON, at=NOON, source="desk")
    row = Relationship.objects.get(partner=anna, role="renewal_steward")
    relationships.end(relationship_id=row.pk, ended_at=NOON + days(1), reason="left", at=NOON + days(1))
    with pytest.raises(NotSteward):
        accept(relationship_id=row.pk, partner_id=anna.pk, at=NOON + days(1))
    assert not StewardAcceptance.objects.exists()
