"""A company's saved payment methods: who sees which, adding through Stripe's form, the standard one, removing."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from shop.companies.models import Company, Location, Membership
from shop.payments import selectors
from shop.payments.fake_stripe import deliveries, instruments, payer
from shop.payments.models import FakeObject, SavedMethod
from shop.payments.services import inbox, methods
from tests.factories import shop
from tests.factories.payments import NOW, saved

pytestmark = pytest.mark.django_db
URL = "/accounts/payment-methods/"
BACK = f"{URL}back/"


def browser_of(person: Any) -> Client:
    client = Client()
    client.force_login(person, "shop.forks.customer.auth_backends.EmailBackend")
    return client


def method(company: Company, number: int = 1, **values: Any) -> SavedMethod:
    return SavedMethod.objects.create(
        **{
            "company": company, "provider_id": f"pm_{company.pk}_{number}", "kind": "card", "brand": "visa",
            "last4": f"{number:04}", "added_at": NOW, **values,
        }
    )  # fmt: skip


def seen(person: Any) -> list[str]:
    return sorted(row.last4 for row in selectors.methods_visible_to(person.memberships.select_related("company").get()))


def test_each_sees_as_far_as_the_rights_reach() -> None:
    company = shop.company()
    north = Location.objects.create(company=company, name="North")
    admin, payer_ = shop.buyer(company, role="admin"), shop.buyer(company, role="accounts_payable")
    buyer, viewer = shop.buyer(company), shop.buyer(company, role="viewer")
    Membership.objects.filter(user=buyer).update(location=north)
    method(company, 1)
    method(company, 2, location=north, added_by=admin)
    method(company, 3, added_by=buyer)
    method(company, 4, is_active=False)
    method(shop.company(), 5)
    everything = ["0001", "0002", "0003"]
    assert [seen(admin), seen(payer_), seen(buyer), seen(viewer)] == [everything, everything, ["0003"], []]
    Company.objects.filter(pk=company.pk).update(status="blocked")
    assert [seen(payer_), seen(buyer)] == [everything, []]  # a blocked company pays its invoices, and orders nothing


def add(client: Client, number: str, kind: str = "card") -> dict[str, Any]:
    """Go the whole way through the fake's page, and return the setup intent."""
    answer = client.post(URL, {"kind": kind, "key": str(uuid4())})
    assert answer.status_code == 302
    page = answer.url
    assert page.startswith("/fake-stripe/pay/seti_")
    assert client.get(page).status_code == 200
    answer = client.post(page, {"number": number})
    if answer.status_code == 200 and b"Your bank asks" in answer.content:
        answer = client.post(page, {"bank": "yes"})
    intent = FakeObject.objects.filter(kind="setup_intent").latest("sequence").data
    if answer.status_code == 302:
        assert answer.url == f"{BACK}?setup_intent={intent['id']}&redirect_status={intent['status']}"
    return intent


@pytest.mark.parametrize("number", [instruments.OK, instruments.THREE_D_SECURE, instruments.DECLINE_LATER])
def test_a_card_is_added_once(number: str, django_capture_on_commit_callbacks: Any) -> None:
    buyer = shop.buyer()
    client = browser_of(buyer)
    intent = add(client, number)
    page = client.get(BACK, {"setup_intent": intent["id"]})
    assert (page.status_code, SavedMethod.objects.count()) == (200, 0)  # looking changes nothing
    with django_capture_on_commit_callbacks(execute=True):
        for _again in range(2):
            assert client.post(BACK, {"setup_intent": intent["id"]}).url == URL
    row = SavedMethod.objects.get()
    assert (row.company, row.added_by, row.kind, row.last4) == (buyer.company, buyer, "card", number[-4:])
    assert str(row.expires_on) == "2034-12-31"
    inbox.apply_waiting(now=NOW)
    assert SavedMethod.objects.count() == 1


def test_the_webhook_alone_saves_it_too() -> None:
    buyer = shop.buyer()
    intent = methods.begin_setup(
        company=buyer.company, kind="bank_debit", currency="EUR", by=buyer, key=uuid4(), at=NOW
    )
    payer.pay(intent["client_secret"], instruments.DEBIT_OK)
    for event in deliveries.events():
        inbox.apply_event(event_id=inbox.add_fetched(event=event, at=NOW).pk, at=NOW)
    assert SavedMethod.objects.values_list("company", "kind", "added_by").get() == (
        buyer.company.pk, "bank_debit", buyer.pk,
    )  # fmt: skip


def test_a_declined_card_is_not_saved() -> None:
    client = browser_of(shop.buyer())
    intent = add(client, instruments.DECLINE)
    assert client.post(BACK, {"setup_intent": intent["id"]}).url == URL
    assert b"Nothing was saved" in client.get(URL).content
    assert SavedMethod.objects.count() == 0


def test_the_same_press_twice_is_one_request() -> None:
    client, key = browser_of(shop.buyer()), str(uuid4())
    pages = {client.post(URL, {"kind": "card", "key": key}).url for _ in range(2)}
    assert len(pages) == 1
    assert client.post(URL, {"kind": "gold", "key": key}).url == URL
    assert client.post(URL, {"kind": "card", "key": "nonsense"}).url == URL


def test_what_another_company_set_up_is_not_ours() -> None:
    theirs, ours = shop.buyer(), shop.buyer()
    intent = add(browser_of(theirs), instruments.OK)
    client = browser_of(ours)
    for setup_intent in (intent["id"], "seti_unknown", "", "../customers", "pi_1"):
        client.post(BACK, {"setup_intent": setup_intent})
    assert SavedMethod.objects.filter(company=ours.company).count() == 0
    assert selectors.methods_visible_to(ours.memberships.get()).count() == 0


def test_the_standard_method_is_chosen_by_who_pays_for_the_company() -> None:
    company = shop.company()
    first, second = method(company, 1), method(company, 2)
    client = browser_of(shop.buyer(company, role="accounts_payable"))
    for row in (first, second, second):
        assert client.post(f"{URL}{row.pk}/", {"act": "choose"}).url == URL
    assert list(SavedMethod.objects.filter(is_default=True)) == [second]
    buyer = shop.buyer(company)
    own = method(company, 3, added_by=buyer)
    assert browser_of(buyer).post(f"{URL}{own.pk}/", {"act": "choose"}).status_code == 403
    assert browser_of(buyer).post(f"{URL}{first.pk}/", {"act": "remove"}).status_code == 404
    assert list(SavedMethod.objects.filter(is_default=True)) == [second]


def test_a_removed_method_is_gone_here_and_at_stripe(django_capture_on_commit_callbacks: Any) -> None:
    company = shop.company()
    row = saved(company)
    client = browser_of(shop.buyer(company, role="admin"))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{URL}{row.pk}/", {"act": "remove"})
    row.refresh_from_db()
    assert (row.is_active, row.detached_at) == (False, NOW)
    assert FakeObject.objects.get(pk=row.provider_id).data["customer"] is None
    assert client.post(f"{URL}{row.pk}/", {"act": "remove"}).status_code == 404
    for event in deliveries.events("setup_intent.succeeded"):  # a late delivery brings nothing back
        inbox.apply_event(event_id=inbox.add_fetched(event=event, at=NOW).pk, at=NOW)
    row.refresh_from_db()
    assert not row.is_active


def test_a_card_that_the_bank_renewed_shows_its_new_end() -> None:
    row = saved(shop.company())
    theirs = dict(FakeObject.objects.get(pk=row.provider_id).data)
    theirs["card"] = {**theirs["card"], "exp_month": 2, "exp_year": 2036, "last4": "1881"}
    assert methods.apply_description(theirs)
    row.refresh_from_db()
    assert (str(row.expires_on), str(row)) == ("2036-02-29", "Visa •••• 1881")


def test_who_may_not_pay_or_order_may_not_look() -> None:
    company = shop.company()
    assert browser_of(shop.buyer(company, role="viewer")).get(URL).status_code == 403
    assert Client().get(URL).status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_often_for_three_as_for_one(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    company = shop.company()
    person = shop.buyer(company, role="admin")
    for number in range(rows):
        method(company, number, added_by=person)
    client = browser_of(person)
    client.get(URL)
    with django_assert_num_queries(3):
        page = client.get(URL)
    assert page.content.count(b'value="remove"') == rows


def test_without_stripe_nothing_can_be_added(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = ""
    client = browser_of(shop.buyer())
    assert b'name="kind"' not in client.get(URL).content
    answer = client.post(URL, {"kind": "card", "key": str(uuid4())})
    assert answer.url == URL


def test_with_a_publishable_key_the_form_is_stripes_and_its_page_alone_speaks_to_it(settings: Any) -> None:
    settings.STRIPE_PUBLISHABLE_KEY = "pk_test_1"
    client = browser_of(shop.buyer())
    page = client.post(URL, {"kind": "card", "key": str(uuid4())})
    assert page.status_code == 200
    assert "https://js.stripe.com" in page.headers["Content-Security-Policy"]
    assert b'data-pay="confirmSetup"' in page.content
    assert "stripe.com" not in client.get(URL).headers["Content-Security-Policy"]
