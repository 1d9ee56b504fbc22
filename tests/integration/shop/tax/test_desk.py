"""Rates, the seller and its registrations in the back office: who may, what follows, what it costs."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from channels.audit.models import AuditEvent
from shop.tax.models import ProductRate, Registration, Seller, TaxRate
from shop.tax.selectors import rules_in_force
from tests.factories import shop as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(client):
    user = make.user(is_staff=True)
    names = ["access_admin", "view_taxrate", "change_taxrate", "view_seller", "change_seller"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    return client


def test_a_new_store_knows_norway_and_the_union(finance):
    now = TaxRate.objects.filter(valid_to=None, code="standard")
    assert now.count() == 28
    assert {row.country: str(row.rate) for row in now.filter(country__in=["NO", "DE", "FI", "RO", "SK", "EE"])} == {
        "NO": "0.2500", "DE": "0.1900", "FI": "0.2550", "RO": "0.2100", "SK": "0.2300", "EE": "0.2400",
    }  # fmt: skip
    assert "25.5 %" in finance.get(reverse("tax_rates")).content.decode()


def test_a_new_rate_ends_the_one_before_and_is_read_at_once(finance):
    assert len([rate for rate in rules_in_force().rates if rate.country == "NO"]) == 1
    values = {"country": "no", "code": "standard", "percent": "24", "valid_from": "2027-01-01", "valid_to": ""}
    assert finance.post(reverse("tax_rate_add"), values).status_code == 302
    old, new = TaxRate.objects.filter(country="NO").order_by("valid_from")
    assert (old.valid_to, new.rate, new.valid_to) == (date(2027, 1, 1), Decimal("0.24"), None)
    assert len([rate for rate in rules_in_force().rates if rate.country == "NO"]) == 2
    assert AuditEvent.objects.filter(verb="tax.taxrate.saved", subject_id=str(new.pk)).count() == 1


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"country": "Norway"}, "at most 2 characters"),
        ({"country": "N1"}, "A country has two letters"),
        ({"percent": "-1"}, "greater than or equal to 0"),
        ({"percent": "100"}, "less than or equal to 99"),
        ({"valid_to": "2026-12-31"}, "tax_rate_period"),
        ({"valid_from": "2005-01-01"}, "already exists"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(finance, values, text):
    asked = {"country": "NO", "code": "standard", "percent": "24", "valid_from": "2027-01-01", "valid_to": "", **values}
    answer = finance.post(reverse("tax_rate_add"), asked)
    assert answer.status_code == 200
    assert text in answer.content.decode()
    assert TaxRate.objects.filter(country="NO").count() == 1


def test_the_seller_moves_registers_and_knows_exceptions(finance):
    values = {"country": "DE", "rounding": "invoice", "without_vat_id": "destination"}
    finance.post(reverse("tax_seller_edit"), values)
    finance.post(
        reverse("tax_registration_add"),
        {"country": "FR", "number": "FR12345678901", "valid_from": "2026-01-01", "valid_to": ""},
    )
    kind = make.product_class("manual")
    finance.post(reverse("tax_product_rate_add"), {"product_class": kind.pk, "code": "zero"})
    found = rules_in_force()
    assert (found.seller.country, found.seller.rounding, found.seller.without_vat_id) == (
        "DE",
        "invoice",
        "destination",
    )
    assert found.seller.home_countries(date(2026, 3, 2)) == {"DE", "FR"}
    assert found.code_of(kind.pk) == "zero"
    page = finance.get(reverse("tax_seller")).content.decode()
    assert "FR12345678901" in page
    finance.post(reverse("tax_registration_remove", args=[Registration.objects.get().pk]))
    finance.post(reverse("tax_product_rate_remove", args=[ProductRate.objects.get().pk]))
    found = rules_in_force()
    assert (found.seller.registrations, found.codes) == ((), {})
    assert Seller.objects.count() == 1


def test_whoever_may_only_look_changes_nothing(finance):
    user = make.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", "view_taxrate", "view_seller"]))
    finance.force_login(user)
    assert "New rate" not in finance.get(reverse("tax_rates")).content.decode()
    finance.post(reverse("tax_seller_edit"), {"country": "DE", "rounding": "line", "without_vat_id": "seller"})
    finance.post(
        reverse("tax_rate_add"), {"country": "NO", "code": "standard", "percent": "1", "valid_from": "2027-01-01"}
    )
    assert Seller.objects.get().country == "NO"
    assert TaxRate.objects.filter(country="NO").count() == 1


def test_the_rules_cost_nothing_once_they_are_read(django_assert_num_queries):
    with django_assert_num_queries(5):
        rules_in_force()
    with django_assert_num_queries(0):
        rules_in_force()
