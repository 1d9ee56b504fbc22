"""Credit on pages: the company's own, and finance's."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from shop.credit.models import CreditAccount, CreditEntry
from shop.credit.services import accounts
from tests.factories import shop

pytestmark = pytest.mark.django_db
D = Decimal


def limited(limit: str = "500.00") -> CreditAccount:
    company = shop.company()
    return accounts.set_limit(company=company, currency="EUR", limit=D(limit), key=str(uuid4()), at=shop.NOW)


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def finance() -> Client:
    user = shop.user(is_staff=True)
    wanted = ("access_admin", "view_creditaccount", "manage_credit")
    user.user_permissions.add(*Permission.objects.filter(codename__in=wanted))
    return browser(user)


def test_finance_agrees_on_a_limit_once_however_often_the_form_is_sent(finance: Client) -> None:
    company = shop.company(name="Havbris Test")
    form = {"key": str(uuid4()), "company": "Havbris Test", "currency": "eur", "limit": "1500.50", "note": "Board"}
    for _ in range(2):
        assert finance.post(reverse("credit_account_add"), form).status_code == 302
    account = CreditAccount.objects.get(company=company)
    assert (account.currency, account.limit) == ("EUR", D("1500.50"))
    entry = CreditEntry.objects.get(account=account)
    assert (entry.kind, entry.limit_after, entry.note) == ("allocated", D("1500.50"), "Board")


def test_money_is_recorded_and_too_much_back_is_refused_with_what_is_left(finance: Client) -> None:
    account = limited()
    deposit = {"key": str(uuid4()), "amount": "80.00", "reference": "Bank 1"}
    assert finance.post(reverse("credit_deposit", args=[account.pk]), deposit).status_code == 302
    page = finance.post(reverse("credit_pay_out", args=[account.pk]), {**deposit, "key": str(uuid4()), "amount": "90"})
    assert page.status_code == 200
    assert "80.00 EUR of the deposit are left" in page.content.decode()
    account.refresh_from_db()
    assert (account.balance, account.advance) == (D("-80.00"), D("80.00"))


def test_a_hold_is_set_with_a_reason_and_released(finance: Client) -> None:
    account = limited()
    finance.post(reverse("credit_hold", args=[account.pk]), {"reason": "Asked for papers"})
    account.refresh_from_db()
    assert (account.hold, account.hold_reason) == ("manual", "Asked for papers")
    assert "Asked for papers" in finance.get(reverse("credit_account", args=[account.pk])).content.decode()
    finance.post(reverse("credit_release", args=[account.pk]))
    account.refresh_from_db()
    assert (account.hold, account.held_at) == ("", None)


def test_a_correction_needs_an_amount_and_a_reason(finance: Client) -> None:
    account = limited()
    address = reverse("credit_correct", args=[account.pk])
    assert finance.post(address, {"key": str(uuid4()), "amount": "0", "note": "?"}).status_code == 200
    assert finance.post(address, {"key": str(uuid4()), "amount": "-5.25", "note": ""}).status_code == 200
    assert CreditEntry.objects.filter(account=account).count() == 1
    assert finance.post(address, {"key": str(uuid4()), "amount": "-5.25", "note": "Rounding"}).status_code == 302
    account.refresh_from_db()
    assert account.balance == D("-5.25")


@pytest.mark.parametrize(("state", "shown"), [("", 3), ("held", 1), ("near", 1), ("owing", 1), ("ahead", 0)])
def test_the_list_is_narrowed_to_what_needs_a_look(finance: Client, state: str, shown: int) -> None:
    limited()
    held, near = limited(), limited("130.00")
    accounts.hold(account_id=held.pk, reason="Test", at=shop.NOW, by=None)
    shop.place(shop.buyer(near.company), (shop.product(price="80.00"), 1))
    page = finance.get(reverse("credit_accounts"), {"state": state})
    assert len(page.context["object_list"]) == shown


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_one_account_and_for_three(
    finance: Client, number: int, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        limited()
    finance.get(reverse("credit_accounts"))
    with django_assert_num_queries(9):
        assert len(finance.get(reverse("credit_accounts")).context["object_list"]) == number


def test_a_company_sees_its_own_credit_and_no_other(client: Client) -> None:
    account, other = limited(), limited("77777.77")
    shop.place(shop.buyer(other.company), (shop.product(price="4000.00"), 1))
    order = shop.place(shop.buyer(account.company), (shop.product(price="80.00"), 1))
    page = browser(shop.buyer(account.company, role="accounts_payable")).get(reverse("customer:company-credit"))
    text = page.content.decode()
    assert [order.number in text, "€500.00" in text, "€376.25" in text, "77,777.77" in text] == [
        True,
        True,
        True,
        False,
    ]


def test_who_sees_only_own_invoices_does_not_see_what_the_company_owes() -> None:
    account = limited()
    assert browser(shop.buyer(account.company)).get(reverse("customer:company-credit")).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_for_one_entry_and_for_three(number: int, django_assert_num_queries: Any) -> None:
    account = limited()
    buyer = shop.buyer(account.company)
    for _ in range(number - 1):
        shop.place(buyer, (shop.product(price="1.00"), 1))
    client = browser(shop.buyer(account.company, role="accounts_payable"))
    client.get(reverse("customer:company-credit"))
    with django_assert_num_queries(6):
        client.get(reverse("customer:company-credit"))
