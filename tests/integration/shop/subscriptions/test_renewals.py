"""Renewals: once per due date, at any rhythm of running, credited to the steward of the day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from channels import api
from channels.commissions.models import Accrual
from channels.contracts import Channel
from channels.journeys.models import Credit, OrderRecord, SubscriptionProfile
from shop.billing.services import invoices
from shop.forks.order.models import Order
from shop.operations import schedule
from shop.subscriptions.models import Occurrence, Subscription
from shop.subscriptions.services import cancelling, renewals
from tests.factories import channels as channel_factory
from tests.factories import commissions as commission_factory
from tests.factories import shop as make

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 1, 31, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def terms():
    channel_factory.policy()
    commission_factory.programme()


def subscribed(term_months=12, **how):
    person = make.buyer()
    product = make.product(price="1200.00", class_slug="software", stock=None, term_months=term_months)
    order = make.place(person, (product, 1), now=START, **how)
    invoices.mark_paid(invoice_id=order.invoice.pk, at=START)
    return Subscription.objects.get()


def steward(subscription, code, since):
    api.set_renewal_steward(
        company_key=str(subscription.company.key), partner_code=code, valid_from=since, at=since, source="desk"
    )


def credited(cycle):
    return list(Credit.objects.filter(line__order__cycle=cycle).values_list("partner__code", "pool", "share_bp"))


def test_a_direct_customer_renews_a_year_later_and_its_steward_is_credited():
    channel_factory.partner("fjordtek")
    subscription = subscribed()
    assert credited(0) == []
    steward(subscription, "fjordtek", START + timedelta(days=100))
    a_year_later = datetime(2027, 2, 1, tzinfo=UTC)
    assert schedule.run_due(now=a_year_later)["renewals placed"] == 1
    assert schedule.run_due(now=a_year_later)["renewals placed"] == 0
    renewal = OrderRecord.objects.get(cycle=1)
    assert renewal.placed_at == datetime(2027, 1, 31, tzinfo=UTC)
    assert credited(1) == [("fjordtek", "renewal", 10_000)]
    assert Accrual.objects.count() == 0
    invoices.mark_paid(invoice_id=Order.objects.get(number=renewal.number).invoice.pk, at=a_year_later)
    accrual = Accrual.objects.get()
    assert (accrual.type, accrual.base_minor, accrual.rate_bp, accrual.amount_minor) == ("RENEWAL", 120_000, 800, 9_600)


def test_the_partner_that_won_the_company_becomes_its_steward():
    reseller = channel_factory.partner("fjordtek", territories=["NO"])
    subscribed(channel=Channel.RESELLER, chosen_partner=reseller.code)
    renewals.renew_due(now=datetime(2027, 2, 1, tzinfo=UTC))
    assert ("fjordtek", "renewal", 10_000) in credited(1)


def test_a_change_of_steward_between_terms_pays_the_one_of_the_due_date():
    for code in ("first", "second"):
        channel_factory.partner(code)
    subscription = subscribed()
    steward(subscription, "first", START + timedelta(days=1))
    steward(subscription, "second", datetime(2027, 6, 1, tzinfo=UTC))
    renewals.renew_due(now=datetime(2028, 2, 1, tzinfo=UTC))
    assert credited(1) == [("first", "renewal", 10_000)]
    assert credited(2) == [("second", "renewal", 10_000)]


def test_a_monthly_contract_of_the_31st_never_drifts():
    subscription = subscribed(term_months=0)
    renewals.renew_due(now=datetime(2026, 5, 31, tzinfo=UTC))
    due = list(subscription.occurrences.values_list("due_on", flat=True))
    assert due == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]


@pytest.mark.parametrize("step", [1, 7, 40])
def test_any_rhythm_gives_one_order_per_period(step):
    subscribed(term_months=0)
    day = START
    while day < START + timedelta(days=200):
        renewals.renew_due(now=day)
        day += timedelta(days=step)
    renewals.renew_due(now=START + timedelta(days=200))
    assert Occurrence.objects.filter(state="placed").count() == 6
    assert Order.objects.count() == 7


def test_a_cancelled_subscription_does_not_renew():
    subscription = subscribed()
    assert cancelling.cancel(subscription_id=subscription.pk, at=START + timedelta(days=9)) is True
    assert cancelling.cancel(subscription_id=subscription.pk, at=START + timedelta(days=9)) is False
    assert renewals.renew_due(now=datetime(2027, 2, 1, tzinfo=UTC)) == {"renewals placed": 0, "renewals failed": 0}
    assert Order.objects.count() == 1
    assert SubscriptionProfile.objects.get().renews_on is None


def test_one_failing_renewal_keeps_its_error_and_stops_no_other():
    broken, fine = subscribed(), None
    person = make.buyer()
    product = make.product(price="90.00", class_slug="software", stock=None, term_months=12)
    make.place(person, (product, 1), now=START)
    fine = Subscription.objects.exclude(pk=broken.pk).get()
    broken.company.status = "blocked"
    broken.company.save()
    now = datetime(2027, 2, 1, tzinfo=UTC)
    assert renewals.renew_due(now=now) == {"renewals placed": 1, "renewals failed": 1}
    assert fine.occurrences.get().state == "placed"
    failed = broken.occurrences.get()
    assert (failed.state, failed.attempts) == ("failed", 1)
    assert "may not order" in failed.last_error
    broken.company.status = "approved"
    broken.company.save()
    assert renewals.renew_due(now=now) == {"renewals placed": 1, "renewals failed": 0}
    assert broken.occurrences.get().state == "placed"
