"""The pages around a payment: what is offered, what is said, and to whom."""

import html

import pytest
from django.test import Client
from django.urls import reverse
from oscar.apps.order.models import Order

from shop.buying.models import CheckoutAttempt
from shop.buying.services import settlement
from shop.buying.ways_to_pay import ways_for
from shop.companies.services import on_behalf
from shop.credit.models import CreditAccount
from shop.payments.fake_stripe import faults
from shop.payments.models import SavedMethod
from tests.factories import paying, shop

pytestmark = pytest.mark.django_db
BACKEND = "shop.forks.customer.auth_backends.EmailBackend"


@pytest.fixture
def buyer():
    return shop.buyer()


@pytest.fixture
def client(buyer):
    return signed_in(buyer)


def signed_in(person):
    browser = Client()
    browser.force_login(person, backend=BACKEND)
    return browser


def at_review(client, buyer):
    shop.basket(buyer, (shop.product("Probe", stock=10), 2))
    client.post(reverse("checkout:how-to-buy"), {"seller": "direct"})
    client.post(reverse("checkout:delivery"), {"address": shop.address(buyer).pk, "shipping_code": "standard"})
    return client.get(reverse("checkout:preview"))


def press(client, page, pay_with, **more):
    data = {"reviewed": page.context["reviewed"], "pay_with": pay_with, **more}
    return client.post(reverse("checkout:preview"), data)


def text(page):
    return html.unescape(page.content.decode())


def ways(page):
    return [way.value for way in page.context["ways"]]


def saved_card(company, **values):
    return SavedMethod.objects.create(
        company=company, provider_id="pm_1", kind="card", brand="visa", last4="4242", added_at=shop.NOW, **values
    )


def test_the_company_decides_how_its_people_pay(client, buyer):
    assert ways(at_review(client, buyer)) == ["invoice", "card", "bank_debit"]
    buyer.company.payment_methods = ["card"]
    buyer.company.save()

    page = client.get(reverse("checkout:preview"))
    refused = press(client, page, "invoice")

    assert ways(page) == ["card"]
    assert refused.status_code == 422
    assert "Please choose how you want to pay." in text(refused)
    assert (Order.objects.count(), CheckoutAttempt.objects.count()) == (0, 0)


def test_saved_cards_are_those_of_the_company_and_the_place(client, buyer):
    ours = saved_card(buyer.company)
    place = buyer.company.locations.create(name="Elsewhere")
    SavedMethod.objects.create(
        company=buyer.company, provider_id="pm_2", kind="card", added_at=shop.NOW, location=place
    )
    SavedMethod.objects.create(company=shop.company(), provider_id="pm_3", kind="card", added_at=shop.NOW)

    page = at_review(client, buyer)

    assert ways(page) == ["invoice", f"saved-{ours.pk}", "card", "bank_debit"]
    assert "Visa •••• 4242" in text(page)


def test_an_invoice_that_credit_does_not_cover_is_closed(client, buyer):
    CreditAccount.objects.create(company=buyer.company, currency="EUR", limit=100)

    page = at_review(client, buyer)

    assert page.context["chosen_way"].value == "card"
    assert [way.value for way in page.context["ways"] if not way.is_open] == ["invoice"]
    assert "Your company's credit does not cover this order" in text(page)


def test_only_what_can_be_taken_is_offered(buyer, settings):
    saved = f"saved-{saved_card(buyer.company).pk}"
    membership = buyer.memberships.select_related("company").get()
    membership.on_behalf = None

    def offered():
        return [way.value for way in ways_for(membership)]

    assert offered() == ["invoice", saved, "card", "bank_debit"]
    settings.OSCAR_DEFAULT_CURRENCY = "NOK"  # no bank debit takes it
    assert offered() == ["invoice", saved, "card"]
    settings.STRIPE_HTTP_CLIENT, settings.STRIPE_PUBLISHABLE_KEY = "", ""  # nowhere to enter a card
    assert offered() == ["invoice", saved]
    settings.STRIPE_SECRET_KEY = ""
    assert offered() == ["invoice"]


def test_somebody_in_the_buyers_place_orders_on_invoice_only(buyer):
    rep = shop.user(is_staff=True, is_superuser=True)
    saved_card(buyer.company)
    on_behalf.start_as_staff(actor=rep, membership=buyer.memberships.get(), reason="on the phone", at=shop.NOW)
    shop.address(buyer)
    membership = buyer.memberships.select_related("company").get()
    membership.on_behalf = True

    assert [way.value for way in ways_for(membership)] == ["invoice"]
    membership.company.payment_methods = ["card"]
    assert ways_for(membership) == []


def test_a_card_leads_to_the_page_of_the_provider_and_back(client, buyer):
    pressed = press(client, at_review(client, buyer), "card")

    attempt = CheckoutAttempt.objects.get()
    assert pressed.url == reverse("checkout:pay", kwargs={"key": attempt.key})
    pay = client.get(pressed.url)
    back = reverse("checkout:paying", kwargs={"key": attempt.key})
    assert pay.url.startswith(f"/fake-stripe/pay/{attempt.payment.client_secret}/?return_url=")
    waiting = client.get(back)
    assert "We are asking your bank" in text(waiting)
    assert "Look again" in text(waiting)  # works without JavaScript
    looked = client.post(back, follow=True)
    assert "You have not paid yet" in text(looked)
    assert Order.objects.count() == 0


def test_looking_changes_nothing_and_asks_nobody(client, buyer, django_assert_num_queries):
    attempt = paying.begun(buyer)
    paying.stripe_says(attempt, "succeeded")

    for name in ("checkout:pay", "checkout:paying"):
        client.get(reverse(name, kwargs={"key": attempt.key}))

    attempt.refresh_from_db()
    assert (attempt.state, Order.objects.count()) == ("created", 0)


def test_strangers_and_colleagues_get_404(buyer):
    attempt = paying.begun(buyer)
    for person in (shop.buyer(buyer.company), shop.buyer()):
        browser = signed_in(person)
        for name in ("checkout:pay", "checkout:paying"):
            address = reverse(name, kwargs={"key": attempt.key})
            assert (browser.get(address).status_code, browser.post(address).status_code) == (404, 404)
        assert browser.post(reverse("checkout:stop-paying", kwargs={"key": attempt.key})).status_code == 404

    attempt.refresh_from_db()
    assert attempt.state == "created"


def test_a_closed_tab_is_found_again_on_basket_and_checkout(client, buyer):
    press(client, at_review(client, buyer), "card")
    attempt = CheckoutAttempt.objects.get()
    shop.basket(buyer, (shop.product("Cable"), 1))

    pages = [client.get(reverse(name)) for name in ("basket:summary", "checkout:how-to-buy")]

    for page in pages:
        assert "You have a payment in progress" in text(page)
        assert reverse("checkout:pay", kwargs={"key": attempt.key}) in text(page)


def test_giving_up_gives_the_basket_back_and_the_banner_goes(client, buyer):
    press(client, at_review(client, buyer), "card")
    attempt = CheckoutAttempt.objects.get()

    stopped = client.post(reverse("checkout:stop-paying", kwargs={"key": attempt.key}), follow=True)

    assert "Nothing was charged. Your basket is as it was." in text(stopped)
    assert "You have a payment in progress" not in text(stopped)
    assert [row.title for row in stopped.context["rows"]] == ["Probe"]
    attempt.refresh_from_db()
    assert (attempt.state, attempt.payment.state) == ("failed", "cancelled")


def test_while_stripe_is_away_the_page_says_so_and_tries_again(client, buyer):
    faults.plan(faults.LOST_REQUEST, method="POST", path="/v1/payment_intents")

    page = client.get(press(client, at_review(client, buyer), "card").url)
    attempt = CheckoutAttempt.objects.get()
    assert "Our payment provider has not answered yet." in text(page)
    assert "Our payment provider does not answer at the moment." in text(page)
    again = client.post(reverse("checkout:pay", kwargs={"key": attempt.key}))

    assert client.get(again.url).url.startswith("/fake-stripe/pay/")
    assert CheckoutAttempt.objects.count() == 1


def test_only_the_payment_page_may_speak_to_stripe(client, buyer, settings):
    settings.STRIPE_PUBLISHABLE_KEY = "pk_test_1"
    settings.BASE_URL = "https://shop.example.com"
    review = at_review(client, buyer)
    page = client.get(press(client, review, "card").url)

    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self' https://js.stripe.com" in policy.replace("  ", " ") or "https://js.stripe.com" in policy
    assert "frame-src https://js.stripe.com" in policy
    assert "connect-src 'self' https://api.stripe.com" in policy
    assert "stripe" not in review.headers["Content-Security-Policy"]
    assert "https://shop.example.com/checkout/paying/" in text(page)
    assert 'data-key="pk_test_1"' in text(page)


def test_a_refund_is_explained(client, buyer):
    attempt = paying.begun(buyer)
    buyer.memberships.update(spend_limit=1)
    paying.stripe_says(attempt, "succeeded")
    settlement.settle(attempt_id=attempt.pk, at=shop.NOW)

    page = client.get(reverse("checkout:paying", kwargs={"key": attempt.key}))

    assert "Nothing was ordered, and your money goes back" in text(page)
    assert "You may still order for 1" in text(page)
    assert "The refund of €273.75 has been started." in text(page)


def test_an_order_paid_by_card_says_so_everywhere(client, buyer):
    attempt = paying.begun(buyer)
    paying.stripe_says(attempt, "succeeded")
    settlement.settle(attempt_id=attempt.pk, at=shop.NOW)
    reference = Order.objects.get().purchase.public_ref

    thanks = text(client.get(reverse("checkout:thank-you", kwargs={"public_ref": reference})))

    assert "Paid by card" in thanks
    assert "payable within" not in thanks
