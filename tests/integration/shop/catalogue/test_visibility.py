"""What is hidden from somebody answers, on every page and in every list, like what has never been."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from oscar.apps.catalogue.models import Category, Product

from shop.catalogue.models import CatalogueVersion
from shop.catalogue.selectors import everything, snapshot
from shop.catalogue.sitemaps import CatalogueSitemap, CategorySitemap
from shop.catalogue.visibility import hidden_from
from shop.segments.models import CustomerGroup, GroupMember, VisibilityRule
from shop.segments.services import visibility
from tests.integration.shop.catalogue.test_lists import counts, titles

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def rule(effect: str, level: str, **values: Any) -> VisibilityRule:
    """Add a rule and resolve it, as the task does after the commit."""
    made = visibility.add_rule(effect=effect, level=level, now=NOW, actor=None, **values)
    visibility.rebuild(names=[(made.level, made.audience)])
    return made


@pytest.fixture
def buyer(client: Client) -> Any:
    """A buyer of a Norwegian company, signed in."""
    person = make.buyer(make.company(country="NO"))
    client.force_login(person)
    return person


def group_of(company: Any, **values: Any) -> CustomerGroup:
    made = CustomerGroup.objects.create(code=f"group-{CustomerGroup.objects.count()}", name="Group", **values)
    GroupMember.objects.create(group=made, company=company, is_by_hand=True, added_at=NOW)
    return made


def test_without_a_rule_nobody_is_asked_who_they_are(client: Client, three: list[Product]) -> None:
    assert hidden_from("").products == 0
    assert snapshot() is everything()
    assert CatalogueVersion.objects.get().audience_token == ""
    assert everything().token.count(".") == 1


def test_a_hidden_product_is_in_no_list_count_search_or_suggestion(client: Client, three: list[Product]) -> None:
    flush = three[2]
    rule("hide", "everyone", product=flush)
    response = client.get("/catalogue/")
    assert titles(response) == ["Compact transmitter", "Display transmitter"]
    assert counts(response) == {"Available now": 2, "HART": 1, "IO-Link": 1, "IP65": 1, "IP67": 1}
    assert titles(client.get("/search/?q=flush")) == []
    assert titles(client.get(f"/search/?q={flush.upc}")) == []
    for address in ("/search/suggest/?q=flush", "/search/?q=flusch", "/search/suggest/?q=diaphragm"):
        assert "Flush" not in client.get(address).content.decode()
        assert f"_{flush.pk}/" not in client.get(address).content.decode()


def test_a_sitemap_names_what_everybody_may_see(three: list[Product], pressure: Category) -> None:
    rule("hide", "everyone", category=pressure)
    rule("show", "country", country="NO", category=pressure)
    assert (list(CatalogueSitemap().items()), CategorySitemap().items()) == ([], [])
    VisibilityRule.objects.all().delete()
    visibility.rebuild()
    assert [entry.pk for entry in CatalogueSitemap().items()] == [product.pk for product in three]
    assert [node.slug for node in CategorySitemap().items()] == ["sensors", "pressure"]
