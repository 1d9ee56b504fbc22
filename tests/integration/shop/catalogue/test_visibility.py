"""What is hidden from somebody answers, on every page and in every list, like what has never been."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from oscar.apps.catalogue.models import Category, Product, ProductClass
from oscar.apps.customer.models import ProductAlert
from oscar.apps.wishlists.models import WishList

from shop.catalogue.models import CatalogueVersion
from shop.catalogue.selectors import everything, snapshot
from shop.catalogue.services import index
from shop.catalogue.sitemaps import CatalogueSitemap, CategorySitemap
from shop.catalogue.visibility import hidden_from
from shop.forks.basket.models import Line
from shop.segments import audiences, selectors
from shop.segments.models import CustomerGroup, GroupMember, VisibilityRule, VisibilitySet
from shop.segments.services import visibility
from tests.factories import shop
from tests.integration.shop.catalogue.test_lists import counts, titles

pytestmark = pytest.mark.django_db
NOW = shop.NOW


def rule(effect: str, level: str, **values: Any) -> VisibilityRule:
    """Add a rule and resolve it, as the task does after the commit."""
    made = visibility.add_rule(effect=effect, level=level, now=NOW, actor=None, **values)
    visibility.rebuild(names=[(made.level, made.audience)])
    return made


@pytest.fixture
def signed_in(client: Client) -> Any:
    """A buyer of a Norwegian company, signed in."""
    person = shop.buyer(shop.company(country="NO"))
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


def test_the_page_of_a_hidden_product_answers_like_one_that_has_never_been(
    client: Client, three: list[Product], signed_in: Any
) -> None:
    flush = three[2]
    rule("hide", "company", company=signed_in.company, product=flush)
    answer = client.get(f"/catalogue/flush-diaphragm_{flush.pk}/")
    unknown = client.get("/catalogue/flush-diaphragm_999999/")
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert flush.title not in answer.content.decode()
    assert answer.context["cards"] == unknown.context["cards"]
    assert Client().get(f"/catalogue/flush-diaphragm_{flush.pk}/", follow=True).status_code == 200


def test_what_is_hidden_cannot_be_put_anywhere(client: Client, three: list[Product], signed_in: Any) -> None:
    flush = three[0]
    rule("hide", "group", group=group_of(signed_in.company), product=flush)
    posts = {
        "basket": f"/basket/add/{flush.pk}/",
        "alert": f"/accounts/alerts/create/{flush.pk}/",
        "list": reverse("customer:wishlists-add-product", kwargs={"product_pk": flush.pk}),
        "new list": reverse("customer:wishlists-create-with-product", kwargs={"product_pk": flush.pk}),
    }
    found = {name: client.post(path, {"quantity": 1}).status_code for name, path in posts.items()}
    assert found == {"basket": 404, "alert": 404, "list": 404, "new list": 404}
    assert (Line.objects.count(), WishList.objects.count(), ProductAlert.objects.count()) == (0, 0, 0)
    assert Client().post(posts["basket"], {"quantity": 1}).status_code == 302
    assert Line.objects.get().product == flush


def test_a_hidden_category_is_gone_with_its_products_and_children(
    client: Client, three: list[Product], sensors: Category, pressure: Category
) -> None:
    rule("hide", "everyone", category=sensors)
    for category in (sensors, pressure):
        assert client.get(category.get_absolute_url()).status_code == 404
    assert titles(client.get("/catalogue/")) == []
    rule("show", "everyone", product=three[0])  # of two on one level hiding wins
    assert titles(client.get("/catalogue/")) == []


def test_a_narrower_level_takes_back_what_a_wider_one_hides(
    client: Client, three: list[Product], pressure: Category, sensors: Category, signed_in: Any
) -> None:
    rule("hide", "everyone", category=sensors)
    rule("show", "country", country="NO", category=pressure)
    page = client.get("/catalogue/")
    assert titles(page) == ["Compact transmitter", "Display transmitter", "Flush diaphragm"]
    assert client.get(sensors.get_absolute_url()).status_code == 404
    assert client.get(pressure.get_absolute_url()).status_code == 200
    assert snapshot(str(signed_in.company.key)).path_to(pressure.pk) == [
        snapshot(str(signed_in.company.key)).nodes[pressure.pk]
    ]
    rule("hide", "channel", channel="direct", product=three[0])
    rule("hide", "group", group=group_of(signed_in.company), product=three[1])
    rule("show", "company", company=signed_in.company, product=three[1])
    assert titles(client.get("/catalogue/")) == ["Display transmitter", "Flush diaphragm"]


def test_companies_that_see_the_same_share_their_pages_and_others_do_not(three: list[Product], signed_in: Any) -> None:
    other = shop.company(country="NO")
    rule("hide", "country", country="NO", product=three[0])
    mine, theirs = snapshot(str(signed_in.company.key)), snapshot(str(other.key))
    assert mine is theirs
    assert mine.token != snapshot().token == mine.state
    rule("hide", "company", company=other, product=three[1])
    assert [view.everything for view in (snapshot(str(signed_in.company.key)), snapshot(str(other.key)))] == [
        0b110,
        0b100,
    ]


def test_removing_the_last_rule_brings_back_the_one_name(client: Client, three: list[Product]) -> None:
    before = everything().token
    made = rule("hide", "everyone", product=three[0])
    assert titles(client.get("/catalogue/")) == ["Display transmitter", "Flush diaphragm"]
    visibility.remove_rule(rule_id=made.pk)
    assert visibility.rebuild() == 1
    assert titles(client.get("/catalogue/"))[0] == "Compact transmitter"
    assert (everything().token, VisibilitySet.objects.count()) == (before, 0)


def test_rebuilding_again_changes_nothing(three: list[Product], pressure: Category) -> None:
    rule("hide", "everyone", category=pressure)
    token = CatalogueVersion.objects.get().audience_token
    assert visibility.rebuild() == 0
    assert visibility.follow(product_ids=[product.pk for product in three]) == 0
    assert CatalogueVersion.objects.get().audience_token == token


def test_a_product_put_into_a_hidden_category_is_hidden_with_its_entry(
    client: Client, three: list[Product], hardware: ProductClass, make: Any, sensors: Category
) -> None:
    rule("hide", "everyone", category=sensors)
    fourth = make("NP-4", hardware, title="Grounding ring", category=sensors.get_children().get())
    index.refresh(product_ids=[fourth.pk])
    assert titles(client.get("/catalogue/")) == []
    fourth.categories.clear()
    index.refresh(product_ids=[fourth.pk])
    assert titles(client.get("/catalogue/")) == ["Grounding ring"]


def test_the_task_resolves_a_rule_after_the_commit(
    client: Client, three: list[Product], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        visibility.add_rule(effect="hide", level="everyone", product=three[0], now=NOW, actor=None)
        assert titles(client.get("/catalogue/"))[0] == "Compact transmitter"
    assert titles(client.get("/catalogue/")) == ["Display transmitter", "Flush diaphragm"]


@pytest.mark.parametrize("rules", [1, 3])
def test_a_list_costs_the_same_whatever_the_rules(
    client: Client, three: list[Product], signed_in: Any, rules: int, django_assert_num_queries: Any
) -> None:
    client.get("/catalogue/")
    for product in three[:rules]:
        rule("hide", "company", company=signed_in.company, product=product)
    first, again = "/catalogue/?sort=name", "/catalogue/"
    client.get(again)
    with CaptureQueriesContext(connection) as warm:
        client.get(again)
    client.get(first)
    assert [query["sql"] for query in warm if "segments" in query["sql"] or "visibility" in query["sql"]] == []
    with django_assert_num_queries(1):  # the sets of this audience, once for each state of the rules
        selectors.hidden_from(audiences.of(str(signed_in.company.key)))
