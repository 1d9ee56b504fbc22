"""The pages of buyers and of sales representatives: who sees and may do what, and what a list costs."""

import re
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shop.billing.models import Invoice
from shop.companies.models import Company, Membership
from shop.forks.order.models import Order
from shop.subscriptions.models import Subscription
from shop.subscriptions.services import cancelling, notices, reviews
from tests.factories import shop
from tests.factories import subscriptions as make

pytestmark = pytest.mark.django_db
DAY = "2026-12-06"
LIST_QUERIES, DESK_QUERIES = 5, 4


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(make.at(DAY), tick=False):
        yield


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="shop.forks.customer.auth_backends.EmailBackend")
    return client


def address(name: str, subscription: Subscription | None = None) -> str:
    return reverse(f"customer:{name}", kwargs={"pk": subscription.pk} if subscription else None)


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    body = answer.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", body[body.index("<main") : body.index("</main>")]).split())


def own_queries(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured if '"shop_subscriptions_' in query["sql"]]


def asked() -> Subscription:
    subscription = make.subscribed()
    make.costs(subscription.product, "1500.00")
    reviews.open_due(now=make.at(DAY))
    return make.fresh(subscription)


def test_the_list_says_what_renews_when_and_what_waits() -> None:
    subscription = asked()
    text = text_of(browser(subscription.user).get(address("subscriptions")))
    assert f"{subscription.product.title} 1 × · 12 months Active your answer is needed 31 Jan 2027 €1,500.00" in text
    assert "No subscription is in this state" in text_of(
        browser(subscription.user).get(address("subscriptions"), {"state": "past_due"})
    )
    assert "No subscriptions yet" in text_of(browser(shop.buyer()).get(address("subscriptions")))


def test_the_list_costs_the_same_for_one_and_three() -> None:
    person = shop.buyer()
    make.subscribed(person=person)
    client = browser(person)
    assert len(own_queries(client, address("subscriptions"))) == LIST_QUERIES
    for _ in range(2):
        make.subscribed(person=person)
    reviews.open_due(now=make.at(DAY))
    assert len(own_queries(client, address("subscriptions"))) == LIST_QUERIES


def test_an_answer_is_given_on_the_page_and_shown() -> None:
    subscription = asked()
    client = browser(subscription.user)
    text = text_of(client.get(address("subscription", subscription)))
    assert "Your answer, by 17 January 2027" in text
    assert "The price rises. One unit would cost €1,500.00 instead of €1,200.00, net." in text
    assert "it stays within your plan’s limit" in text.replace("&#x27;", "’").replace("'", "’")
    assert (
        client.post(address("subscription-review", subscription), {"decision": "adjust", "quantity": "0"}).status_code
        == 302
    )
    assert subscription.reviews.get().decision == ""
    client.post(address("subscription-review", subscription), {"decision": "adjust", "quantity": "2"})
    text = text_of(client.get(address("subscription", subscription)))
    assert "Your answer: Renew with another quantity (2)" in text
    assert "Total, net €3,000.00" in text


def test_a_change_is_shown_with_its_price_and_then_made() -> None:
    subscription = make.subscribed()
    client = browser(subscription.user)
    page = client.get(address("subscription-change", subscription), {"product": subscription.product_id, "quantity": 3})
    # 56 of 365 days are left: 184.11 for each of the two
    assert "you pay €368.22 plus VAT now" in text_of(page)
    form = page.content.decode().partition('aria-labelledby="difference"')[2].partition("</section>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="(product|quantity|expected|key)" value="([^"]+)"', form))
    assert fields["expected"] == "368.22"
    assert client.post(address("subscription-change", subscription), {**fields, "expected": "1.00"}).status_code == 302
    assert Order.objects.count() == 1
    for _ in range(2):
        assert client.post(address("subscription-change", subscription), fields).url == address(
            "subscription", subscription
        )
    assert str(Order.objects.latest("pk").total_excl_tax) == "368.22"
    assert (make.fresh(subscription).quantity, Invoice.objects.count()) == (3, 2)
    assert "From 1 to 3 ×" in text_of(client.get(address("subscription", subscription)))


def test_ending_it_shows_the_fee_first_and_can_be_taken_back() -> None:
    subscription = make.planned(make.subscribed(), commitment_months=24)
    client = browser(subscription.user)
    text = text_of(client.get(address("subscription-cancel", subscription)))
    assert "31 January 2028: without a fee" in text
    assert "31 January 2027: €1,200.00 net for 1 period of your commitment that is left" in text
    client.post(address("subscription-cancel", subscription), {"on": "2027-01-31"})
    text = text_of(client.get(address("subscription", subscription)))
    assert "None: it ends on 31 January 2027. For leaving early you are charged €1,200.00 then." in text
    client.post(address("subscription-cancel", subscription), {"undo": "1"})
    assert make.fresh(subscription).ends_on is None
    client.post(address("subscription-cancel", subscription), {"on": "soon"})
    assert make.fresh(subscription).ends_on is None


def test_two_are_put_on_one_date() -> None:
    person = shop.buyer()
    rows = [make.subscribed(person=person, now=make.at(day)) for day in ("2026-01-31", "2026-06-30")]
    client = browser(person)
    chosen = {"s": [row.pk for row in rows], "on": "2027-06-30"}
    assert "30 Jun 2027 €493.15 30 Jun 2027" in text_of(client.get(address("subscriptions-align"), chosen))
    assert Subscription.objects.exclude(aligned_on=None).count() == 0
    assert client.post(address("subscriptions-align"), chosen).url == address("subscriptions")
    assert [str(row.aligned_on) for row in Subscription.objects.order_by("pk")] == ["2027-06-30", "None"]


def test_another_companys_is_not_found_and_a_viewer_only_looks() -> None:
    subscription = asked()
    stranger = browser(shop.buyer(role="admin"))
    viewer = browser(shop.buyer(subscription.company, role="viewer"))
    names = (
        "subscription-review",
        "subscription-change",
        "subscription-cancel",
        "subscription-pay",
        "subscription-method",
    )
    for name in ("subscription", *names):
        assert stranger.get(address(name, subscription)).status_code in (404, 405)
        assert stranger.post(address(name, subscription)).status_code in (404, 405)
    text = text_of(viewer.get(address("subscription", subscription)))
    assert "Your answer, by 17 January 2027" in text
    assert "What should happen?" not in text
    for name in names:
        assert viewer.post(address(name, subscription), {"decision": "accept", "on": "2027-01-31"}).status_code in (
            403,
            404,
        )
    assert subscription.reviews.get().decision == ""
    assert make.fresh(subscription).ends_on is None


def test_a_way_to_pay_that_has_no_method_is_refused() -> None:
    subscription = make.subscribed()
    client = browser(subscription.user)
    for method in ("card", "cash"):
        client.post(address("subscription-method", subscription), {"method": method})
        assert make.fresh(subscription).payment_kind == "invoice"


# --- staff ----------------------------------------------------------------------------------------------------------


def rep(*permissions: str) -> Any:
    person = shop.user(is_staff=True)
    wanted = Permission.objects.filter(codename__in=("access_admin", *permissions))
    person.user_permissions.set(wanted)
    return person


def test_the_desk_lists_what_renews_what_is_at_risk_and_what_is_past_due() -> None:
    person = rep("view_subscription")
    soon, risk, late = make.subscribed(), asked(), make.subscribed()
    far = make.subscribed(now=make.at("2026-06-30"))
    Company.objects.filter(pk=soon.company_id).update(sales_rep=person)
    Subscription.objects.filter(pk=late.pk).update(status="past_due")
    client = browser(person)

    def shown(**query: str) -> set[str]:
        page = client.get(reverse("subscriptions_desk"), query).content.decode()
        return {row.company.name for row in (soon, risk, late, far) if f">{row.company.name}<" in page}

    assert shown() == {soon.company.name, risk.company.name, late.company.name}
    assert shown(state="risk") == {risk.company.name, late.company.name}
    assert shown(state="past_due") == {late.company.name}
    assert shown(state="all") == shown() | {far.company.name}
    assert shown(mine="on") == {soon.company.name}
    assert shown(q=far.company.name, state="all") == {far.company.name}
    body = client.get(reverse("subscriptions_csv"), {"state": "past_due"}).content.decode()
    assert body.count("\n") == 2
    assert late.company.name in body


def test_the_desk_costs_the_same_for_one_and_three() -> None:
    client = browser(rep("view_subscription"))
    make.subscribed()
    assert len(own_queries(client, reverse("subscriptions_desk"))) == DESK_QUERIES
    for _ in range(2):
        make.subscribed()
    assert len(own_queries(client, reverse("subscriptions_desk"))) == DESK_QUERIES


def test_a_rep_takes_a_cancellation_back_only_with_the_permission() -> None:
    subscription = make.subscribed()
    cancelling.cancel(subscription_id=subscription.pk, at=make.at(DAY))
    undo = reverse("subscription_undo", args=[subscription.pk])
    assert browser(rep("view_subscription")).post(undo).status_code in (302, 403)
    assert make.fresh(subscription).ends_on is not None
    browser(rep("view_subscription", "change_subscription")).post(undo)
    assert make.fresh(subscription).ends_on is None
    page = browser(rep("view_subscription")).get(reverse("subscription_desk", args=[subscription.pk])).content.decode()
    assert "Cancellation taken back" in page


def test_the_rep_and_the_buyers_successor_are_written_to() -> None:
    subscription = make.subscribed()
    admin = shop.buyer(subscription.company, role="admin")
    Company.objects.filter(pk=subscription.company_id).update(sales_rep=rep())
    Membership.objects.filter(user=subscription.user).update(is_active=False)
    notices.announce_due(now=make.at("2026-11-10"))
    to = dict(subscription.notices.values_list("reader", "to"))
    assert to == {
        "buyer": admin.email,
        "rep": Company.objects.get(pk=subscription.company_id).sales_rep.email,
        "partner": "",
    }
