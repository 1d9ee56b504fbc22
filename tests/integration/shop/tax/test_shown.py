"""Prices with or without tax, by audience: on lists and product pages; what is ordered is the same either way."""

from decimal import Decimal

import pytest
from django.urls import reverse

from shop.catalogue.cards import cards_for
from shop.catalogue.services import index
from shop.pricing.contexts import PriceContext
from shop.pricing.selectors import price_key
from shop.segments.services import profiles
from shop.tax.models import ProductRate
from shop.tax.services import rates
from tests.factories import shop as make
from tests.factories import taxes

pytestmark = pytest.mark.django_db


def gross_for(**audience):
    profiles.save(**{"group": None, "segment": "", "country": "", "mode": "sell", "prices": "gross", **audience})


def page(client, product):
    index.rebuild()
    url = reverse("catalogue:detail", kwargs={"product_slug": product.slug, "pk": product.pk})
    return client.get(url).content.decode()


def test_without_a_profile_prices_are_net(client):
    shown = page(client, make.product(price="100.00"))
    assert "€100.00" in shown
    assert "excl. VAT" in shown
    assert "incl. VAT" not in shown


def test_a_profile_shows_one_audience_prices_with_tax(client):
    gross_for(segment="public")
    product = make.product(price="33.33")
    school, firm = (make.buyer(make.company(segment=segment)) for segment in ("public", ""))
    client.force_login(school)
    shown = page(client, product)
    assert "€41.66" in shown
    assert "incl. VAT" in shown
    assert "€33.33" not in shown
    client.force_login(firm)
    shown = page(client, product)
    assert "€33.33" in shown
    assert "incl. VAT" not in shown
    orders = [make.place(buyer, (product, 2)) for buyer in (school, firm)]
    assert [(order.total_excl_tax, order.total_tax) for order in orders] == [(Decimal("85.66"), Decimal("21.42"))] * 2


def test_whoever_bears_no_tax_sees_the_same_amount(client):
    gross_for()
    product = make.product(price="33.33")
    exempt = make.buyer()
    taxes.certificate(exempt.company, accepted=True)
    for buyer in (make.buyer(make.company(country="DE")), exempt):
        client.force_login(buyer)
        assert "€33.33" in page(client, product)


def test_visitors_are_taken_to_be_at_home(client):
    gross_for()
    assert "€125.00" in page(client, make.product(price="100.00"))


def test_each_kind_of_product_shows_its_own_rate():
    goods, zero = make.product(price="100.00"), make.product(price="100.00", class_slug="software")
    rates.save(row=ProductRate(product_class=zero.product_class, code="zero"), at=make.NOW, by=None)
    index.rebuild()
    context = PriceContext(at=make.NOW, includes_vat=True)
    cards = cards_for([goods.pk, zero.pk], context=context, mode="sell")
    assert {card.product_id: (str(card.amount), card.includes_vat) for card in cards} == {
        goods.pk: ("125.00", True), zero.pk: ("100.00", True),
    }  # fmt: skip


def test_pages_with_tax_are_kept_apart():
    keys = {
        price_key(PriceContext(at=make.NOW, company_key=key, includes_vat=gross))
        for key in ("", str(make.company().key))
        for gross in (False, True)
    }
    assert len(keys) == 3  # net prices are the same for both, prices with tax are each company's own


def test_the_profile_form_sets_it(client):
    from django.contrib.auth.models import Permission

    from shop.segments.models import SiteProfile

    user = make.user(is_staff=True)
    names = ["access_admin", "add_siteprofile", "view_siteprofile"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    client.post(
        reverse("site_profile_save"), {"group": "", "segment": "", "country": "", "mode": "sell", "prices": "gross"}
    )
    assert SiteProfile.objects.get().prices == "gross"
    assert "with VAT" in client.get(reverse("site_profiles")).content.decode()
