"""Delivery rules: the store's own give what was always charged; staff's own are followed at once."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from oscar.apps.catalogue.models import ProductAttribute

from shop.forks.partner.strategy import Selector
from shop.forks.shipping.repository import Repository
from shop.fulfilment.models import DeliveryMethod, ShippingRule
from shop.fulfilment.selectors import free_delivery_from
from shop.pricing.contexts import PriceContext
from shop.segments.models import CustomerGroup, GroupMember
from tests.factories import shop as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    user = make.user(is_staff=True)
    names = ["access_admin", "view_shippingrule", "change_shippingrule"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    return client


def offered(basket, company=None, country="NO"):
    context = PriceContext(company_key=str(company.key) if company else "", at=make.NOW)
    basket.strategy = Selector().strategy(context=context)
    methods = Repository().get_shipping_methods(basket, country=country)
    return [(method.code, str(method.calculate(basket).excl_tax), str(method.description)) for method in methods]


@pytest.mark.parametrize(
    ("country", "price", "expected"),
    [
        ("NO", "100.00", [("standard", "19.00", "2–4 working days"), ("express", "45.00", "Next working day")]),
        ("SE", "750.00", [("standard", "0.00", "2–4 working days"), ("express", "45.00", "Next working day")]),
        ("DE", "100.00", [("standard", "29.00", "3–6 working days"), ("express", "75.00", "1–2 working days")]),
        ("US", "100.00", [("standard", "69.00", "6–12 working days")]),
        ("US", "750.00", [("standard", "0.00", "6–12 working days")]),
        ("", "749.99", [("standard", "19.00", "2–4 working days"), ("express", "45.00", "Next working day")]),
    ],
)
def test_a_new_store_charges_what_it_always_did(country, price, expected):
    assert offered(make.basket(None, (make.product(price=price), 1)), country=country) == expected


def rule(**values):
    return {"method": "standard", "company": "", "group": "", "countries": "", "is_offered": "on", "first_day": 1,
            "last_day": 2, "is_active": "on", "charges": "EUR 5.00", **values}  # fmt: skip


def test_a_companys_own_rule_is_followed_at_once(staff):
    company, basket = make.company(), make.basket(None, (make.product(), 1))
    assert offered(basket, company)[0] == ("standard", "19.00", "2–4 working days")
    answer = staff.post(reverse("delivery_rule_add"), rule(company=company.pk, charges="EUR 5.00 free 50.00"))
    assert answer.status_code == 302
    assert offered(basket, company)[0] == ("standard", "0.00", "1–2 working days")
    assert offered(basket, make.company())[0] == ("standard", "19.00", "2–4 working days")
    assert free_delivery_from(company_key=str(company.key), country="NO", currency="EUR") == Decimal("50.00")
    made = ShippingRule.objects.get(company=company)
    staff.post(reverse("delivery_rule_switch", args=[made.pk]))
    assert offered(basket, company)[0] == ("standard", "19.00", "2–4 working days")


def test_a_group_can_be_refused_a_method(staff):
    group = CustomerGroup.objects.create(code="far", name="Far away")
    company, basket = make.company(), make.basket(None, (make.product(), 1))
    GroupMember.objects.create(group=group, company=company, added_at=make.NOW)
    staff.post(
        reverse("delivery_rule_add"),
        {**rule(method="express", group=group.pk, charges=""), "is_offered": ""},
    )
    assert [code for code, *_ in offered(basket, company)] == ["standard"]
    assert [code for code, *_ in offered(basket, make.company())] == ["standard", "express"]


def test_heavy_goods_cost_more(staff):
    make.country("NO")
    make.country("SE")
    DeliveryMethod.objects.create(code="freight", name="Freight", position=3)
    staff.post(
        reverse("delivery_rule_add"),
        rule(method="freight", countries="no, se", charges="EUR 49.00 from 20000\nEUR 99.00 from 50000"),
    )
    product = make.product()
    basket = make.basket(None, (product, 3))
    assert [code for code, *_ in offered(basket)] == ["standard", "express"]
    weight = ProductAttribute.objects.create(
        product_class=product.product_class, code="weight_g", name="Weight (g)", type="integer"
    )
    weight.save_value(product, 8000)
    assert offered(basket)[-1] == ("freight", "49.00", "1–2 working days")
    weight.save_value(product, 20000)
    assert offered(basket)[-1][1] == "99.00"
    assert [code for code, *_ in offered(basket, country="DE")] == ["standard", "express"]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"charges": ""}, "A method that is offered has a charge"),
        ({"charges": "19.00"}, "is not a charge"),
        ({"charges": "EUR minus"}, "write amounts like 19.00"),
        ({"charges": "EUR -1.00"}, "write amounts like 19.00"),
        ({"charges": "EUR 1.005"}, "write amounts like 19.00"),
        ({"charges": "EUR NaN"}, "write amounts like 19.00"),
        ({"charges": "EUR 1.00 from heavy"}, "a whole number of grams"),
        ({"charges": "EUR 1.00\nEUR 2.00"}, "the same currency and weight"),
        ({"charges": "€ 1.00"}, "does not begin with a currency"),
        ({"countries": "NO XX"}, "We know no country XX."),
        ({"first_day": 4}, "lies before the first"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(staff, values, text):
    make.country("NO")
    answer = staff.post(reverse("delivery_rule_add"), rule(**values))
    assert answer.status_code == 200
    assert text in answer.content.decode()
    assert ShippingRule.objects.count() == 5


def test_a_rule_is_for_a_company_or_a_group(staff):
    group = CustomerGroup.objects.create(code="far", name="Far away")
    answer = staff.post(reverse("delivery_rule_add"), rule(company=make.company().pk, group=group.pk))
    assert "not for both" in answer.content.decode()
    assert ShippingRule.objects.count() == 5


def test_a_rule_comes_back_as_it_was_written(staff):
    make.country("NO")
    staff.post(
        reverse("delivery_rule_add"), rule(countries="NO", charges="EUR 19.00 free 750.00\nEUR 49.00 from 20000")
    )
    made = ShippingRule.objects.latest("pk")
    page = staff.get(reverse("delivery_rule", args=[made.pk])).content.decode()
    assert "EUR 19.00 free 750.00\nEUR 49.00 from 20000" in page
    assert 'value="NO"' in page


def test_methods_get_other_names_but_keep_their_code(staff):
    url = reverse("delivery_method", args=["express"])
    staff.post(url, {"code": "changed", "name": "Courier", "position": 1, "is_active": "on"})
    assert dict(DeliveryMethod.objects.values_list("code", "name")) == {
        "standard": "Standard delivery", "express": "Courier",
    }  # fmt: skip


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_with_one_and_three_more(staff, count, django_assert_num_queries):
    for _ in range(count):
        staff.post(reverse("delivery_rule_add"), rule(company=make.company().pk))
    staff.get(reverse("delivery_rules"))
    with django_assert_num_queries(12):
        staff.get(reverse("delivery_rules"))
