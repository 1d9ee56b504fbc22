"""A product customised, or with dedicated support: what is offered to whom, checked, priced, kept and ordered again."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from channels.journeys.models import OrderLine
from shop.buying.errors import BasketChanged
from shop.buying.services import baskets
from shop.catalogue.services import index
from shop.forks.basket.models import Basket
from shop.forks.order.models import Order
from shop.forks.partner.strategy import Selector
from shop.offering.configuration import options_of
from shop.offering.errors import NotOffered
from shop.offering.models import ConfiguredLine, Kind, Offering
from shop.offering.selectors import offered
from shop.pricing.contexts import PriceContext
from shop.subscriptions.services import renewals
from tests.factories import offering as make
from tests.factories import shop

pytestmark = pytest.mark.django_db
CUSTOM = {"offered-as": "customised", "cable-length": "5m"}


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person, backend="shop.forks.customer.auth_backends.EmailBackend")
    return client


def priced(basket, company=None):
    """Return (title, quantity, unit price) of a basket's lines as the company has them."""
    fresh = Basket.objects.get(pk=basket.pk)
    key = str(company.key) if company else ""
    fresh.strategy = Selector().strategy(context=PriceContext(company_key=key, at=shop.NOW))
    return [(line.title, line.quantity, line.purchase_info.price.excl_tax) for line in fresh.all_lines()]


def kinds(product, company=None):
    ways = offered([product], company_key=str(company.key) if company else "")[product.pk]
    return [(way.kind.value, way.surcharge) for way in ways]


def test_without_rows_a_product_is_the_standard_for_all_at_one_query(django_assert_num_queries):
    product = shop.product()

    with django_assert_num_queries(1):
        assert kinds(product) == [("standard", 0)]


@pytest.mark.parametrize("products", [1, 3])
def test_any_number_of_products_takes_four_queries(products, django_assert_num_queries):
    company = shop.company()
    group = make.group("Food", company)
    several = [shop.product() for _ in range(products)]
    for product in several:
        make.customised(product, group=group)

    with django_assert_num_queries(4):  # offerings, their choices, the options of these, and the groups
        found = offered(several, company_key=str(company.key))

    assert [len(ways) for ways in found.values()] == [2] * products


def test_a_group_s_own_offering_stands_above_everyone_s_and_the_higher_group_counts():
    product, company = shop.product(), shop.company()
    low, high = make.group("Low", company), make.group("High", company, priority=5)
    make.customised(product, surcharge="10.00")
    make.customised(product, group=low, surcharge="8.00")

    assert kinds(product) == [("standard", 0), ("customised", Decimal("10.00"))]
    assert kinds(product, company) == [("standard", 0), ("customised", Decimal("8.00"))]
    make.customised(product, group=high, surcharge="6.00")
    assert kinds(product, company) == [("standard", 0), ("customised", Decimal("6.00"))]


def test_a_standard_for_one_group_is_the_standard_of_nobody_else():
    product, member = shop.product(), shop.company()
    Offering.objects.create(product=product, kind=Kind.STANDARD, group=make.group("Food", member))
    make.customised(product)

    assert [kind for kind, _ in kinds(product, member)] == ["standard", "customised"]
    assert [kind for kind, _ in kinds(product)] == ["customised"]
    with pytest.raises(NotOffered, match="Choose one of: Customised"):
        shop.basket(None, (product, 1))


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"offered-as": "customised"}, "Choose “Cable length”."),
        ({**CUSTOM, "cable-length": "9m"}, "“Cable length” has no such choice. Choose one of: 2 m, 5 m."),
        ({**CUSTOM, "colour": "red"}, "This product has no option “colour”."),
        ({"cable-length": "5m"}, "This product has no option “cable-length”."),
        ({"offered-as": "dedicated"}, "not offered like that. Choose one of: Standard, Customised."),
    ],
)
def test_what_is_not_offered_is_refused_with_a_way_out(answers, says):
    product = shop.product()
    make.customised(product)
    make.option("Colour")
    basket = shop.basket()

    with pytest.raises(NotOffered, match=says):
        basket.add_product(product, 1, options_of(answers))

    assert not basket.lines.exists()


def test_options_are_priced_by_the_server_and_keep_lines_apart():
    product, basket = shop.product("Probe", price="100.00"), shop.basket()
    make.customised(product)
    basket.add_product(product, 1)
    basket.add_product(product, 2, options_of(CUSTOM))
    basket.add_product(product, 3, options_of({**CUSTOM, "cable-length": "2m", "engraving": "tag"}))
    basket.add_product(product, 1, options_of(CUSTOM))

    assert priced(basket) == [
        ("Probe", 1, Decimal("100.00")),
        ("Probe (Customised: Cable length 5 m)", 3, Decimal("114.50")),
        ("Probe (Customised: Cable length 2 m, Engraving Tag number)", 3, Decimal("111.00")),
    ]
    assert basket.lines.get(quantity=1).price_excl_tax == Decimal("100.00")
    assert {line.price_excl_tax for line in basket.lines.filter(quantity=3)} == {Decimal("114.50"), Decimal("111.00")}


def test_options_survive_a_merge_and_are_priced_for_the_company():
    product, company = shop.product("Probe", price="100.00"), shop.company()
    make.customised(product)
    make.customised(product, group=make.group("Food", company), surcharge="1.00", length="0.50")
    mine, cookie = shop.basket(shop.buyer(company)), shop.basket()
    mine.add_product(product, 1, options_of(CUSTOM))
    cookie.add_product(product, 2, options_of(CUSTOM))

    mine.merge(cookie)

    assert priced(mine) == [("Probe (Customised: Cable length 5 m)", 3, Decimal("114.50"))]
    assert priced(mine, company) == [("Probe (Customised: Cable length 5 m)", 3, Decimal("101.50"))]


def test_what_is_withdrawn_loses_its_price_says_so_and_cannot_be_ordered():
    person, product = shop.buyer(), shop.product("Probe")
    row = make.customised(product)
    basket = shop.basket(person)
    basket.add_product(product, 1, options_of(CUSTOM))
    row.delete()

    page = signed_in(person).get(reverse("basket:summary")).content.decode()

    assert "No longer offered to you like this. Remove it, and choose again on its page." in page
    with pytest.raises(BasketChanged):
        shop.place(person, basket=basket)
    assert not Order.objects.exists()


def test_an_order_keeps_the_choices_in_its_lines_its_facts_and_for_the_next_time():
    person, product = shop.buyer(), shop.product("Probe", price="100.00")
    make.customised(product)
    basket = shop.basket(person, (product, 1))
    basket.add_product(product, 2, options_of(CUSTOM))

    order = shop.place(person, basket=basket)

    plain, custom = order.lines.order_by("pk")
    assert (plain.title, plain.line_price_excl_tax) == ("Probe", Decimal("100.00"))
    assert (custom.title, custom.line_price_excl_tax) == ("Probe (Customised: Cable length 5 m)", Decimal("229.00"))
    frozen = ConfiguredLine.objects.get()
    assert (frozen.line, frozen.kind, frozen.surcharge) == (custom, "customised", Decimal("14.50"))
    assert frozen.choices == [{"option": "Cable length", "choice": "5m", "label": "5 m", "surcharge": "4.50"}]
    assert list(OrderLine.objects.order_by("pk").values_list("title", "net_minor")) == [
        ("Probe", 10_000),
        ("Probe (Customised: Cable length 5 m)", 22_900),
    ]
    client = signed_in(person)
    address = reverse("customer:order", kwargs={"order_number": order.purchase.public_ref})
    assert client.post(address, {"action": "reorder"}).url == reverse("basket:summary")
    assert priced(Basket.open.get(owner=person)) == [
        ("Probe", 1, Decimal("100.00")),
        ("Probe (Customised: Cable length 5 m)", 2, Decimal("114.50")),
    ]


def test_buyer_staff_and_confirmation_read_what_the_surcharges_of_an_order_are_for(
    django_capture_on_commit_callbacks, mailoutbox
):
    person, product = shop.buyer(), shop.product("Probe", price="100.00")
    make.customised(product)
    basket = shop.basket(person, (product, 1))
    basket.add_product(product, 2, options_of(CUSTOM))
    with django_capture_on_commit_callbacks(execute=True):
        order = shop.place(person, basket=basket)
    kind, choice = "Customised: €10.00 of the unit price", "Cable length 5 m: €4.50 of the unit price"

    address = reverse("customer:order", kwargs={"order_number": order.purchase.public_ref})
    page = signed_in(person).get(address).content.decode()
    assert (page.count(kind), page.count(choice)) == (1, 1)

    mail = mailoutbox[0]
    assert mail.to == [person.email]
    for text in (mail.body, mail.alternatives[0][0]):
        assert (text.count(kind), text.count(choice)) == (1, 1)

    desk = signed_in(shop.user(is_staff=True, is_superuser=True))
    told = desk.get(reverse("dashboard:order-detail", kwargs={"number": order.number})).content.decode()
    assert "<td>Customised</td><td>€10.00</td>" in told
    assert "<td>Cable length 5 m</td><td>€4.50</td>" in told


def test_an_order_without_surcharges_lists_none():
    person = shop.buyer()
    order = shop.place(person, (shop.product("Probe"), 1))
    page = signed_in(person).get(reverse("customer:order", kwargs={"order_number": order.purchase.public_ref}))
    assert "of the unit price" not in page.content.decode()


def test_ordering_again_takes_what_is_offered_still_and_names_the_rest():
    person, product = shop.buyer(), shop.product("Probe")
    row = make.customised(product)
    basket = shop.basket(person, (product, 1))
    basket.add_product(product, 1, options_of(CUSTOM))
    order = shop.place(person, basket=basket)
    row.delete()
    client = signed_in(person)

    answer = client.post(
        reverse("customer:order", kwargs={"order_number": order.purchase.public_ref}),
        {"action": "reorder"},
        follow=True,
    )

    assert "“Probe (Customised: Cable length 5 m)”: This product is not offered like that." in answer.content.decode()
    assert [(line.quantity, line.attributes.count()) for line in Basket.open.get(owner=person).lines.all()] == [(1, 0)]


def test_a_removed_line_comes_back_with_its_options():
    person, product = shop.buyer(), shop.product("Probe", price="100.00")
    make.customised(product)
    basket = shop.basket(person)
    line, _ = basket.add_product(product, 2, options_of(CUSTOM))
    client = signed_in(person)

    client.post(reverse("basket:line", kwargs={"pk": line.pk}), {"remove": "1"})
    page = client.get(reverse("basket:summary"))
    client.post(reverse("basket:undo"), {"undo": page.context["undo"]})

    assert priced(basket) == [("Probe (Customised: Cable length 5 m)", 2, Decimal("114.50"))]


def test_dedicated_support_brings_its_plan_and_is_not_ordered_without():
    person = shop.buyer()
    product = shop.product("Gateway", price="500.00")
    plan = shop.product("Plan", price="50.00", class_slug="support-plan", stock=None)
    make.dedicated(product, plan=plan, surcharge="20.00")
    basket = shop.basket(person)

    baskets.add(basket=basket, product=product, quantity=2, options=options_of({"offered-as": "dedicated"}))

    assert priced(basket) == [
        ("Gateway (With dedicated support)", 2, Decimal("520.00")),
        ("Plan", 2, Decimal("50.00")),
    ]
    basket.lines.filter(product=plan).update(quantity=1)
    with pytest.raises(BasketChanged, match="The dedicated support needs 1 × “Plan”"):
        shop.place(person, basket=basket)
    basket.lines.filter(product=plan).update(quantity=2)
    assert shop.place(person, basket=basket).lines.count() == 2


def test_the_product_page_offers_the_ways_and_adds_the_one_chosen():
    person, product = shop.buyer(), shop.product("Probe", price="100.00")
    make.customised(product)
    index.rebuild()
    client = signed_in(person)
    page = client.get(product.get_absolute_url()).content.decode()
    add = reverse("basket:add", kwargs={"pk": product.pk})
    wanted = {"quantity": "3", "offering": "customised", "option-customised-cable-length": "5m"}

    for text in ('value="customised" form="add-to-basket"', 'name="option-customised-cable-length"', "5 m (+ €4.50)"):
        assert text in page
    refused = client.post(add, {**wanted, "option-customised-cable-length": "9m"}, headers={"HX-Request": "true"})
    assert "has no such choice" in refused["HX-Trigger"]
    refused = client.post(add, {**wanted, "offering": "gilded"}, follow=True)
    assert "Reload its page and choose again." in refused.content.decode()
    assert not Basket.objects.filter(owner=person, lines__isnull=False).exists()
    assert client.post(add, wanted).status_code == 302
    assert priced(Basket.open.get(owner=person)) == [("Probe (Customised: Cable length 5 m)", 3, Decimal("114.50"))]
    assert "Customised: Cable length 5 m" in client.get(reverse("basket:summary")).content.decode()


def test_the_price_as_chosen_is_computed_and_errors_are_said():
    product = shop.product("Probe", price="100.00")
    make.customised(product)
    make.rule(product, pack_size=10, unit_name="box")
    index.rebuild()
    address = reverse("offering:as-chosen", kwargs={"pk": product.pk})
    wanted = {"quantity": "13", "offering": "customised", "option-customised-cable-length": "5m"}

    page = Client().get(address, wanted).content.decode()

    assert "20 (2 × box of 10) × €114.50" in page
    assert "€2,290.00" in page
    assert "Sold by the box of 10." in page
    assert "Choose “Cable length”." in Client().get(address, {"offering": "customised"}).content.decode()
    assert Client().get(reverse("offering:as-chosen", kwargs={"pk": 999_999})).status_code == 404


def test_a_renewal_renews_what_was_configured_at_the_surcharge_of_its_day():
    person = shop.buyer()
    product = shop.product("Watch", price="100.00", class_slug="software", stock=None, term_months=12)
    row = make.customised(product)
    basket = shop.basket(person)
    basket.add_product(product, 2, options_of(CUSTOM))
    shop.place(person, basket=basket)
    row.choices.filter(code="5m").update(surcharge=Decimal("6.00"))

    assert renewals.renew_due(now=shop.NOW + timedelta(days=366)) == {"renewals placed": 1, "renewals failed": 0}

    line = Order.objects.latest("pk").lines.get()
    assert (line.title, line.line_price_excl_tax) == ("Watch (Customised: Cable length 5 m)", Decimal("232.00"))
    assert ConfiguredLine.objects.count() == 2


def test_staff_write_offerings_by_article_number_and_nobody_else_may():
    product, plan = shop.product(), shop.product(class_slug="support-plan", stock=None)
    values = {
        "product": product.upc, "kind": "dedicated", "group": "", "description": "", "surcharge": "5.00",
        "currency": "EUR", "support_plan": plan.upc,
        "choices-TOTAL_FORMS": 0, "choices-INITIAL_FORMS": 0, "choices-MIN_NUM_FORMS": 0, "choices-MAX_NUM_FORMS": 9,
    }  # fmt: skip
    staff = signed_in(shop.user(is_staff=True, is_superuser=True))
    address = reverse("offerings:add")

    refused = staff.post(address, {**values, "product": "nothing"})
    assert "No product has this article number." in refused.content.decode()
    assert signed_in(shop.buyer()).post(address, values).status_code in (302, 403)
    assert not Offering.objects.exists()
    assert staff.post(address, values).status_code == 302
    made = Offering.objects.get()
    assert (made.product, made.support_plan, made.surcharge) == (product, plan, Decimal("5.00"))
    assert f'value="{product.upc}"' in staff.get(reverse("offerings:edit", args=[made.pk])).content.decode()
