"""The pages of groups, visibility and site profiles: what they show, save and refuse, and what a list costs."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from oscar.apps.catalogue.models import Category

from shop.operations import roles
from shop.segments.engine.conditions import Conditions
from shop.segments.models import CustomerGroup, GroupMember, SiteProfile, VisibilityRule
from shop.segments.services import profiles, visibility
from tests.factories import shop as make
from tests.integration.shop.segments.test_groups import group, members

pytestmark = pytest.mark.django_db
NOW = make.NOW
GROUP = {"name": "Fishing", "code": "fishing", "priority": "1", "countries": ["NO"], "spent_months": "12"}


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture(params=["marketer", "channel_manager"])
def desk(request: pytest.FixtureRequest, client: Client) -> Client:
    person = make.user(is_staff=True)
    person.groups.add(roles.sync()[request.param])
    client.force_login(person)
    return client


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_group_is_previewed_before_it_is_saved(desk: Client) -> None:
    make.company(name="Fjord", country="NO")
    make.company(name="Elbe", country="DE")
    page = desk.post(reverse("customer_group_add"), {**GROUP, "preview": "1"})
    assert "1 company meets the rule now. Fjord (NO)" in text(page)
    assert "Elbe" not in text(page)
    assert CustomerGroup.objects.count() == 0
    assert desk.post(reverse("customer_group_add"), GROUP).status_code == 302
    assert CustomerGroup.objects.get().rule == {"countries": ["NO"]}


def test_a_group_tells_what_is_wrong(desk: Client) -> None:
    group(code="fishing")
    wrong = {**GROUP, "partner": "nobody", "spent": "-1", "spent_months": "0"}
    page = text(desk.post(reverse("customer_group_add"), wrong))
    assert "Another group has this code. Choose another one." in page
    assert "No active partner has this code." in page
    assert CustomerGroup.objects.count() == 1


def test_a_company_is_put_in_and_taken_out_by_hand(desk: Client) -> None:
    made, fjord = group(), make.company(name="Fjord", vat_id="NO987")
    add = reverse("customer_group_member_add", args=[made.pk])
    assert "No company has this name or VAT id." in text(desk.post(add, {"company": "Fjo"}, follow=True))
    desk.post(add, {"company": "no987"})
    assert members(made) == {"Fjord": True}
    desk.post(reverse("customer_group_member_remove", args=[made.pk, fjord.pk]))
    assert GroupMember.objects.count() == 0


def test_a_rule_needs_one_subject_and_its_audience(desk: Client) -> None:
    add = reverse("visibility_rule_add")
    page = text(desk.post(add, {"effect": "hide", "level": "company", "country": "NO"}))
    assert "Give an article number or a category, one of them." in page
    assert "Say for whom." in page
    assert VisibilityRule.objects.count() == 0
    sensor, fjord = make.product(title="Probe"), make.company(name="Fjord")
    values = {"effect": "hide", "level": "company", "company": "Fjord", "country": "NO", "product": sensor.upc}
    make.country("NO")
    assert desk.post(add, values).status_code == 302
    made = VisibilityRule.objects.get()
    assert (made.product, made.company, made.country) == (sensor, fjord, "")
    assert "People of Fjord do not see Probe." in text(desk.get(reverse("visibility_rules")))
    desk.post(reverse("visibility_rule_remove", args=[made.pk]))
    assert VisibilityRule.objects.count() == 0


def test_who_sees_what_names_the_rule_that_decides(desk: Client) -> None:
    sensors = Category.add_root(name="Sensors", slug="sensors")
    probe, fjord = make.product(title="Probe"), make.company(name="Fjord", country="NO")
    probe.categories.add(sensors)
    visibility.add_rule(effect="hide", level="everyone", category=sensors, now=NOW, actor=None)
    visibility.add_rule(effect="show", level="country", country="NO", product=probe, now=NOW, actor=None)
    visibility.rebuild()
    who = reverse("visibility_who")
    anybody = text(desk.get(who, {"product": probe.upc}))
    assert "A visitor about whom nothing is known does not see it." in anybody
    assert "This decides: All visitors do not see everything in “Sensors”." in anybody
    theirs = text(desk.get(who, {"product": probe.upc, "company": "Fjord"}))
    assert "Fjord sees it. This decides: Companies in NO see Probe." in theirs
    assert "0 products are hidden." in theirs
    assert "Categories Sensors" in theirs
    assert str(fjord) == "Fjord"


def test_a_mode_is_set_replaced_and_looked_at(desk: Client) -> None:
    make.country("NO")
    make.company(name="Fjord", country="NO")
    save = reverse("site_profile_save")
    for name in ("inform", "influence"):
        assert desk.post(save, {"country": "NO", "mode": name}).status_code == 302
    assert list(SiteProfile.objects.values_list("country", "mode")) == [("NO", "influence")]
    shown = text(desk.get(reverse("site_profile_preview"), {"company": "Fjord"}))
    assert "Fjord: Influence: send to resellers" in shown
    assert "Checkout through a reseller" in shown
    assert "A visitor about whom nothing is known: Sell" in text(desk.get(reverse("site_profile_preview")))
    desk.post(reverse("site_profile_delete", args=[SiteProfile.objects.get().pk]))
    assert SiteProfile.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("customer_groups", 9), ("visibility_rules", 7), ("site_profiles", 7)])
def test_lists_cost_the_same_whatever_their_length(
    client: Client, rows: int, name: str, queries: int, django_assert_num_queries: Any
) -> None:
    client.force_login(make.user(is_staff=True, is_superuser=True))
    for number in range(rows):
        made = group(Conditions(countries=("NO",), partner="north"))
        visibility.add_rule(effect="hide", level="group", group=made, product=make.product(), now=NOW, actor=None)
        profiles.save(group=made, segment="", country="", mode="sell")
        make.company(name=f"Company {number}")
    client.get(reverse(name))
    with django_assert_num_queries(queries):
        client.get(reverse(name))


def test_support_may_not_open_them(client: Client) -> None:
    person = make.user(is_staff=True)
    person.groups.add(roles.sync()["support"])
    client.force_login(person)
    names = ("customer_groups", "visibility_rules", "site_profiles", "customer_group_add", "visibility_who")
    assert {client.get(reverse(name)).status_code for name in names} == {302}
