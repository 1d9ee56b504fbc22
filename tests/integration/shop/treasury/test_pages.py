"""Finance's pages: what waits, what is stuck and the safe acts, dunning, the differences as a page and a file."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from channels.audit.models import AuditEvent
from shop.billing.models import Invoice
from shop.billing.services import reminders
from shop.buying.models import CheckoutAttempt
from shop.operations import roles
from shop.payments.models import EventCursor, Refund, WebhookEvent
from shop.payments.services import refunds
from shop.subscriptions.models import Occurrence, Subscription
from shop.treasury import dunning, watches
from tests.factories import paying, shop
from tests.factories.subscriptions import subscribed
from tests.factories.treasury import D, paid_by_card

pytestmark = pytest.mark.django_db
HOME = "/admin/treasury/"
ATTEMPTS, REFUNDS = f"{HOME}attempts/", f"{HOME}refunds/"


@pytest.fixture(autouse=True)
def _uncounted() -> None:
    cache.delete(watches.COUNTED)


def staff(role: str) -> Client:
    person = shop.user(f"{role}@example.com", is_staff=True)
    person.groups.add(roles.sync()[role])
    client = Client()
    client.force_login(person, "shop.forks.customer.auth_backends.EmailBackend")
    return client


@pytest.fixture
def finance() -> Client:
    return staff("finance")


def captured(buyer: Any = None) -> CheckoutAttempt:
    """Return an attempt that is paid for half an hour, and that nobody has settled."""
    paid_at = timezone.now() - timedelta(minutes=30)
    attempt = paying.begun(buyer or shop.buyer(), now=paid_at)
    paying.stripe_says(attempt, "succeeded", at=paid_at)
    CheckoutAttempt.objects.filter(pk=attempt.pk).update(state="paid")
    attempt.refresh_from_db()
    return attempt


def failed_refund(buyer: Any = None) -> Refund:
    attempt = paid_by_card(buyer or shop.buyer())
    refund = refunds.request_refund(
        payment_id=attempt.payment_id, amount=D("20.00"), key=f"f{attempt.pk}", reason="broken", at=shop.NOW
    )
    refunds._refuse(refund.pk, "The account is closed.", shop.NOW)
    refund.refresh_from_db()
    return refund


def overdue(*, days: int = 40) -> Invoice:
    now = timezone.now() - timedelta(days=days)
    return shop.place(shop.buyer(), (shop.product(price="1000.00"), 1), now=now).invoice


def unpaid_renewal(**values: Any) -> Occurrence:
    subscription = subscribed()
    Subscription.objects.filter(pk=subscription.pk).update(status="past_due")
    defaults = {
        "subscription": subscription, "cycle": 1, "due_on": subscription.next_due_on, "state": "failed", "tries": 1,
        "charged": D("1500.00"), "next_try_on": timezone.localdate() + timedelta(days=2),
    }  # fmt: skip
    return Occurrence.objects.create(**{**defaults, **values})


# --- lists cost the same however long ---------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"), [(ATTEMPTS, 9), (REFUNDS, 9), (f"{HOME}dunning/", 9), (f"{HOME}reconciliation/", 28)]
)
def test_lists_cost_the_same_however_long(
    address: str, queries: int, rows: int, finance: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(rows):
        captured()
        failed_refund()
        overdue()
        unpaid_renewal()
    finance.get(address)
    with django_assert_num_queries(queries):
        page = finance.get(address)
    assert page.status_code == 200
    assert len(page.context["page_obj"].object_list) >= rows


@pytest.mark.parametrize("rows", [1, 3])
def test_the_front_page_costs_the_same_however_much_waits(
    rows: int, finance: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        captured()
        failed_refund()
        overdue()
        WebhookEvent.objects.create(event_id=f"e{number}", body=b"{}", received_at=shop.NOW, state="parked")
    finance.get("/admin/")
    with django_assert_num_queries(15):  # a query for each watch; the differences are counted already
        watches.look(now=timezone.now())
    page = finance.get("/admin/").content.decode()
    assert "Waiting in the treasury" in page
    assert "Webhook events parked" in page
    assert "Act now" in page


# --- what waits -------------------------------------------------------------------------------------------------------


def levels(now: Any = None) -> dict[str, tuple[int, bool]]:
    found = watches.look(now=now or timezone.now())
    return {row.watch.code: (row.found.count, row.is_alarm) for row in found if row.found.count}


def test_an_empty_store_waits_for_nothing(finance: Client) -> None:
    assert levels() == {}
    page = finance.get(HOME).content.decode()
    assert page.count("Nothing waits") == len(watches.WATCHES)
    assert "Nothing waits: all money is where it belongs." in finance.get("/admin/").content.decode()
    assert "Everything agrees." in finance.get(f"{HOME}reconciliation/").content.decode()
    assert "No attempt is stuck." in finance.get(ATTEMPTS).content.decode()
    assert "No refund is stuck." in finance.get(REFUNDS).content.decode()
    assert "Nothing is overdue." in finance.get(f"{HOME}dunning/").content.decode()


def test_what_moves_by_itself_is_no_alarm_and_what_does_not_is_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.payments.gateway.is_fake", lambda: False)
    EventCursor.objects.create(read_until=timezone.now())
    overdue(days=35)
    unpaid_renewal()
    found = levels()
    assert (found["invoices-overdue"], found["renewals-unpaid"]) == ((1, False), (1, False))
    captured()
    failed_refund()
    WebhookEvent.objects.create(event_id="e", body=b"{}", received_at=shop.NOW, state="parked")
    EventCursor.objects.update(read_until=timezone.now() - timedelta(hours=4))
    found = levels()
    for code in ("attempts-paid", "refunds-failed", "webhooks-parked", "reconciler-behind"):
        assert found[code] == (1, True), code
    with pytest.raises(CommandError) as stopped:
        call_command("check_store", all=True)
    assert stopped.value.returncode == 1
    told = capsys.readouterr()
    assert "ALARM attempts-paid: 1, oldest " in told.err
    assert "waiting invoices-overdue: 1, oldest " in told.out
    assert "invoices-overdue" not in told.err


def test_a_quiet_store_passes_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_store")
    assert capsys.readouterr().out == f"{len(watches.WATCHES)} watches, no alarm.\n"


def test_support_sees_what_it_may_open_and_refunds_nothing() -> None:
    support, attempt, refund = staff("support"), captured(), failed_refund()
    page = support.get(HOME).content.decode()
    assert "Attempts paid and not ordered" in page
    for label in ("Webhook events parked", "Differences between"):
        assert label not in page
    assert "Refund now" not in support.get(f"{ATTEMPTS}{attempt.key}/").content.decode()
    support.post(f"{ATTEMPTS}{attempt.key}/refund/", {"reason": "x"})
    support.post(f"{REFUNDS}{refund.pk}/again/")
    assert (Refund.objects.count(), CheckoutAttempt.objects.get(pk=attempt.pk).state) == (1, "paid")


# --- the safe acts ----------------------------------------------------------------------------------------------------


def test_settling_again_places_what_is_paid(finance: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = captured()
    monkeypatch.setattr("shop.payments.services.payments.refresh", lambda **_values: None)  # this one is not at Stripe
    assert str(attempt.key)[:8] in finance.get(f"{ATTEMPTS}?halt=paid").content.decode()
    assert finance.post(f"{ATTEMPTS}{attempt.key}/settle/").url == f"{ATTEMPTS}{attempt.key}/"
    attempt.refresh_from_db()
    assert (attempt.state, attempt.order.invoice.state) == ("placed", "paid")
    assert AuditEvent.objects.values_list("data", flat=True).get(verb="attempt.settled_again") == {
        "was": "paid", "is": "placed",
    }  # fmt: skip
    assert list(finance.get(ATTEMPTS).context["object_list"]) == []
    page = finance.get(f"{ATTEMPTS}{attempt.key}/").content.decode()
    assert attempt.order.number in page
    assert "Refund now" not in page


def test_refunding_now_gives_the_money_back_once(finance: Client) -> None:
    attempt = captured()
    address = f"{ATTEMPTS}{attempt.key}/refund/"
    assert "This field is required." in finance.post(address, {}).content.decode()
    assert finance.post(address, {"reason": "Sold out for good"}).url == f"{ATTEMPTS}{attempt.key}/"
    refused = finance.post(address, {"reason": "again"}).content.decode()
    assert "Only a paid attempt without an order is refunded here; this one is: Refunded." in refused
    attempt.refresh_from_db()
    assert (attempt.state, attempt.order) == ("refunded", None)
    assert Refund.objects.get().amount == attempt.payment.amount
    assert AuditEvent.objects.get(verb="attempt.refunded").reason == "Sold out for good"


def test_a_placed_order_is_not_refunded_here(finance: Client) -> None:
    attempt = paid_by_card(shop.buyer())
    refused = finance.post(f"{ATTEMPTS}{attempt.key}/refund/", {"reason": "no"}).content.decode()
    assert "this one is: Placed." in refused
    assert Refund.objects.count() == 0


def test_a_failed_refund_is_sent_again_once(finance: Client) -> None:
    refund = failed_refund()
    assert list(finance.get(REFUNDS).context["object_list"]) == [refund]
    for _again in range(2):
        finance.post(f"{REFUNDS}{refund.pk}/again/")
    made = Refund.objects.exclude(pk=refund.pk).get()
    assert (made.key, made.amount, made.payment_id) == (f"again:{refund.pk}", D("20.00"), refund.payment_id)
    made.payment.refresh_from_db()
    assert made.payment.amount_refunded == D("20.00")
    assert refund not in finance.get(REFUNDS).context["object_list"]
    finance.post(f"{REFUNDS}{made.pk}/again/")
    assert Refund.objects.count() == 2


def test_what_was_given_up_and_can_still_be_paid_is_stuck(finance: Client) -> None:
    late = paying.begun(shop.buyer(), now=timezone.now() - timedelta(hours=3))
    fresh = paying.begun(shop.buyer(), now=timezone.now())
    assert list(finance.get(ATTEMPTS).context["object_list"]) == [late]
    assert list(finance.get(f"{ATTEMPTS}?halt=over").context["object_list"]) == [late]
    assert list(finance.get(f"{ATTEMPTS}?halt=stopped").context["object_list"]) == []
    assert fresh.is_open
    finance.post(f"{ATTEMPTS}{late.key}/settle/")
    late.refresh_from_db()
    assert (late.state, late.payment.state) == ("failed", "cancelled")


# --- dunning ----------------------------------------------------------------------------------------------------------


def test_dunning_lists_both_by_their_next_step(finance: Client) -> None:
    today = timezone.localdate()
    fresh, told = overdue(days=32), overdue(days=400)
    reminders.remind_due(now=timezone.now())
    Invoice.objects.filter(pk=fresh.pk).update(due_on=today - timedelta(days=2))
    trying = unpaid_renewal()
    running_out = unpaid_renewal(next_try_on=None, grace_until=today + timedelta(days=5))
    steps = dunning.steps(on=today)
    assert [(step.pk, step.text, step.on) for step in steps] == [
        (told.pk, "The last reminder was sent: call", None),
        (fresh.pk, "Reminder 1", today + timedelta(days=1)),
        (trying.subscription_id, "Payment is tried again", today + timedelta(days=2)),
        (running_out.subscription_id, "Is suspended", today + timedelta(days=5)),
    ]
    assert [step.kind for step in dunning.steps(on=today, kind="renewal")] == ["renewal", "renewal"]
    page = finance.get(f"{HOME}dunning/?kind=invoice").content.decode()
    assert told.number in page
    assert "Payment is tried again" not in page


# --- differences ------------------------------------------------------------------------------------------------------


def test_differences_as_a_page_and_as_a_file(finance: Client) -> None:
    attempt = captured(shop.buyer(shop.company(name="=Fjell")))
    page = finance.get(f"{HOME}reconciliation/")
    assert [row.subject for row in page.context["page_obj"].object_list] == [attempt.payment.reference]
    assert "Paid, and neither ordered, booked nor refunded" in page.content.decode()
    assert [str(side.title) for side in page.context["sides"]] == ["Stripe", "Orders and invoices", "Books"]
    today = timezone.localdate()
    answer = finance.get(f"{HOME}reconciliation.csv?first={today - timedelta(days=1)}&last={today}&currency=eur")
    [row] = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["cause"], row["company"], row["stripe"], row["books"]) == (
        "paid-without-order", "'=Fjell", f"{attempt.payment.amount:.2f}", "0.00",
    )  # fmt: skip
    assert row["page"] == f"/admin/treasury/attempts/{attempt.key}/"
    everything = finance.get(f"{HOME}reconciliation/?currency=")
    assert (everything.context["sides"], len(everything.context["page_obj"].object_list)) == ([], 1)
    assert "Everything agrees." in finance.get(f"{HOME}reconciliation/?currency=NOK").content.decode()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("first=2026-03-02&last=2026-03-01", "The period ends before it begins."),
        ("first=2024-01-01&last=2026-03-01", "Choose at most a year."),
        ("first=soon&last=2026-03-01", "Enter a valid date."),
    ],
)
def test_a_period_that_is_none_is_explained(query: str, told: str, finance: Client) -> None:
    assert told in finance.get(f"{HOME}reconciliation/?{query}").content.decode()
    assert finance.get(f"{HOME}reconciliation.csv?{query}").status_code == 400
