"""Changes within a period, common dates and endings: every cent accounted for."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from channels.journeys.models import OrderRecord, SubscriptionProfile
from shop.billing.models import Invoice
from shop.buying.models import LineDetails
from shop.forks.order.models import Order
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import Subscription, SubscriptionChange
from shop.subscriptions.services import aligning, cancelling, changes, renewals
from tests.factories import shop
from tests.factories import subscriptions as make

pytestmark = pytest.mark.django_db
# 31 January 2026 to 31 January 2027 are 365 days; from 2 July on 213 are left.
DAY = "2026-07-02"


def change(subscription: Subscription, quantity: int, product: Any = None, *, day: str = DAY, **values: Any) -> Any:
    product_id = product.pk if product else subscription.product_id
    seen = changes.preview(make.fresh(subscription), product_id=product_id, quantity=quantity, on=make.at(day).date())
    return changes.change(
        subscription_id=subscription.pk, product_id=product_id, quantity=quantity, at=make.at(day),
        by=subscription.user, **{"expected": seen.amount, "key": uuid4(), **values},
    )  # fmt: skip


def test_two_more_cost_the_days_that_are_left_and_renew_with_the_rest() -> None:
    subscription = make.subscribed(price="1200.00", quantity=3)
    make.costs(subscription.product, "9999.00")  # the price is locked for more of the same
    made = change(subscription, 5)
    # 1200 x 213 / 365 = 700.273... for each of the two
    assert (made.amount, made.order.total_excl_tax) == (Decimal("1400.54"), Decimal("1400.54"))
    line = made.order.lines.get()
    assert (line.quantity, line.unit_price_excl_tax) == (2, Decimal("700.27"))
    assert LineDetails.objects.count() == 1  # the difference begins no contract of its own
    assert Subscription.objects.count() == 1
    assert OrderRecord.objects.get(number=made.order.number).cycle == 0
    make.costs(subscription.product, "1200.00")
    renewals.renew_due(now=make.at("2027-01-31"))
    assert Order.objects.latest("date_placed").total_excl_tax == Decimal(6000)
    assert SubscriptionProfile.objects.get().value_minor == 600_000


def test_another_product_pays_the_difference_and_cents_that_do_not_divide_come_back() -> None:
    subscription = make.subscribed(price="1000.00", quantity=3)
    bigger = shop.product("Bigger", price="1100.00", class_slug="software", stock=None, term_months=12)
    made = change(subscription, 3, bigger)
    # 641.92 - 583.56 = 58.36 for each
    assert made.amount == Decimal("175.08")
    line = made.order.lines.get()
    assert (line.product.title, line.quantity, line.line_price_excl_tax) == ("Bigger", 3, Decimal("175.08"))
    assert make.fresh(subscription).credit == 0
    made = change(subscription, 7, bigger, day="2026-07-03")
    assert made.amount == 4 * Decimal("638.90")
    other = shop.product("Other", price="1200.01", class_slug="software", stock=None, term_months=12)
    made = change(subscription, 8, other, day="2026-07-04")
    paid = made.order.total_excl_tax
    assert paid - made.amount == make.fresh(subscription).credit
    assert 0 <= make.fresh(subscription).credit < Decimal("0.08")


def test_less_is_credit_for_the_next_renewals_where_nothing_binds() -> None:
    subscription = make.subscribed(0, price="290.00", quantity=4)
    made = change(subscription, 1, day="2026-02-14")
    # 14 of 28 days are left: 145.00 for each of the three
    assert (made.amount, made.order) == (Decimal("-435.00"), None)
    assert make.fresh(subscription).credit == Decimal(435)
    nets = []
    for day in ("2026-02-28", "2026-03-31", "2026-04-30"):
        renewals.renew_due(now=make.at(day))
        nets.append(Order.objects.latest("date_placed").total_excl_tax)
    assert nets == [Decimal(0), Decimal(145), Decimal(290)]
    assert list(Invoice.objects.order_by("issued_at").values_list("state", flat=True)) == [
        "paid",
        "paid",
        "open",
        "open",
    ]
    assert make.fresh(subscription).credit == 0


def test_a_commitment_does_not_shrink() -> None:
    subscription = make.subscribed(quantity=3)
    with pytest.raises(SubscriptionRefused, match="You are bound until 31 January 2027"):
        change(subscription, 2)
    assert not SubscriptionChange.objects.exists()


def test_a_double_click_changes_once_and_a_stale_page_nothing() -> None:
    subscription = make.subscribed()
    key = uuid4()
    values = {"subscription_id": subscription.pk, "product_id": subscription.product_id, "by": subscription.user}
    for _ in range(2):
        changes.change(**values, quantity=2, expected=Decimal("700.27"), key=key, at=make.at(DAY))
    assert Order.objects.count() == 2
    with pytest.raises(SubscriptionRefused, match="The amount has changed"):
        changes.change(**values, quantity=3, expected=Decimal("1.00"), key=uuid4(), at=make.at(DAY))
    assert make.fresh(subscription).quantity == 2


def test_two_subscriptions_meet_on_one_date() -> None:
    person = shop.buyer()
    early = make.subscribed(price="1200.00", now=make.at("2026-01-31"), person=person)
    late = make.subscribed(price="365.00", now=make.at("2026-06-30"), person=person)
    rows = [make.fresh(early), make.fresh(late)]
    today = make.at(DAY).date()
    found = aligning.preview(rows, on=date(2027, 6, 30), today=today)
    # 31 January to 30 June 2027: 150 of the 365 days before the common date
    assert [(row.is_shorter, row.first.until, row.first.net) for row in found] == [
        (True, date(2027, 6, 30), Decimal("493.15")),
        (False, date(2028, 6, 30), Decimal("365.00")),
    ]
    assert make.fresh(early).aligned_on is None
    aligning.align(subscription_ids=[row.pk for row in rows], on=date(2027, 6, 30), at=make.at(DAY), by=early.user)
    renewals.renew_due(now=make.at("2027-01-31"))
    assert Order.objects.latest("date_placed").total_excl_tax == Decimal("493.15")
    assert make.fresh(early).next_due_on == date(2027, 6, 30)
    renewals.renew_due(now=make.at("2028-07-01"))
    dates = [list(row.occurrences.values_list("due_on", flat=True)) for row in rows]
    assert dates == [
        [date(2027, 1, 31), date(2027, 6, 30), date(2028, 6, 30)],
        [date(2027, 6, 30), date(2028, 6, 30)],
    ]


def test_one_alone_or_a_past_day_is_refused() -> None:
    rows = [make.subscribed(), make.subscribed()]
    with pytest.raises(SubscriptionRefused, match="at least two"):
        aligning.preview(rows[:1], on=date(2027, 6, 30), today=date(2026, 7, 2))
    with pytest.raises(SubscriptionRefused, match="a day to come"):
        aligning.preview(rows, on=date(2026, 7, 2), today=date(2026, 7, 2))


def test_leaving_a_commitment_early_costs_what_the_plan_says() -> None:
    subscription = make.planned(make.subscribed(), commitment_months=36, cancel_fee_bp=5_000)
    found = cancelling.endings(subscription)
    assert [(ending.on, ending.intervals, ending.fee) for ending in found] == [
        (date(2029, 1, 31), 0, Decimal(0)),
        (date(2027, 1, 31), 2, Decimal(1200)),
    ]
    cancelling.cancel(subscription_id=subscription.pk, at=make.at(DAY), on=date(2027, 1, 31))
    assert Order.objects.count() == 1  # nothing is charged while it runs
    cancelling.undo(subscription_id=subscription.pk, at=make.at("2027-01-30"))
    cancelling.cancel(subscription_id=subscription.pk, at=make.at("2027-01-30"), on=date(2027, 1, 31))
    for _ in range(2):
        renewals.renew_due(now=make.at("2027-01-31"))
    ended = make.fresh(subscription)
    assert ended.status == "cancelled"
    fee = Order.objects.latest("date_placed")
    assert (Order.objects.count(), fee.total_excl_tax) == (2, Decimal(1200))
    assert fee.lines.get().product.title == "Early termination"
    with pytest.raises(SubscriptionRefused, match="no cancellation"):
        cancelling.undo(subscription_id=subscription.pk, at=make.at("2027-02-01"))
    kinds = list(ended.events.values_list("kind", flat=True))
    assert kinds == ["started", "cancelled", "undone", "cancelled", "ended"]


def test_a_day_that_was_not_offered_is_refused() -> None:
    subscription = make.subscribed()
    with pytest.raises(SubscriptionRefused, match="Choose one of the days offered"):
        cancelling.cancel(subscription_id=subscription.pk, at=make.at(DAY), on=date(2026, 12, 24))
    assert make.fresh(subscription).ends_on is None
