"""Prices found in advance, and what becomes of a rise: by each answer, and without one."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core import mail

from shop.forks.catalogue.models import Product
from shop.forks.order.models import Order
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import RenewalReview, Subscription
from shop.subscriptions.services import renewals, reviews
from tests.factories import prices, shop
from tests.factories import subscriptions as make

pytestmark = pytest.mark.django_db
OPEN, LAST_DAY, DUE = "2026-12-05", "2027-01-17", "2027-01-31"


def raised(price: str = "1500.00", **how) -> Subscription:
    """A year's contract for 1,200.00 whose list price has risen, with the review that it opens."""
    subscription = make.subscribed(**how)
    make.costs(subscription.product, price)
    reviews.open_due(now=make.at(OPEN))
    return make.fresh(subscription)


def answer(subscription: Subscription, decision: str, day: str = OPEN, **values) -> RenewalReview:
    review = subscription.reviews.get()
    return reviews.answer(review_id=review.pk, decision=decision, at=make.at(day), by=subscription.user, **values)


def renewed(subscription: Subscription) -> tuple[str, int, str]:
    """Renew on the due date: (SKU's title, quantity, price of a unit)."""
    assert renewals.renew_due(now=make.at(DUE))["renewals placed"] == 1
    line = Order.objects.latest("pk").lines.get()
    return line.product.title, line.quantity, str(line.unit_price_excl_tax)


def test_a_rise_opens_one_review_and_tells_the_buyer(django_capture_on_commit_callbacks) -> None:
    subscription = make.subscribed()
    make.costs(subscription.product, "1500.00")
    with time_machine.travel(make.at(OPEN), tick=False), django_capture_on_commit_callbacks(execute=True):
        assert reviews.open_due(now=make.at("2026-12-01")) == {"renewals priced": 0, "reviews opened": 0}
        assert reviews.open_due(now=make.at(OPEN)) == {"renewals priced": 1, "reviews opened": 1}
        assert reviews.open_due(now=make.at("2026-12-06")) == {"renewals priced": 0, "reviews opened": 0}
    review = RenewalReview.objects.get()
    assert (review.reason, review.old_price, review.new_price) == ("rise", Decimal(1200), Decimal(1500))
    assert review.answer_by == date(2027, 1, 17)
    assert list(subscription.notices.values_list("kind", "reader")) == [("review", "buyer"), ("review", "rep")]
    (letter,) = mail.outbox
    assert letter.to == [subscription.user.email]
    assert letter.subject == f"{subscription.product.title}: please answer by 17 January 2027"
    assert "One unit would cost €1,500.00 instead of €1,200.00." in letter.body
    assert f"/accounts/subscriptions/{subscription.pk}/" in letter.body


@pytest.mark.parametrize(("price", "expected"), [("1230.00", "1230.00"), ("1500.00", "1260.00"), ("900.00", "900.00")])
def test_without_an_answer_the_price_rises_to_the_cap_and_falls_as_it_falls(price: str, expected: str) -> None:
    assert renewed(raised(price))[2] == expected


def test_a_paused_store_asks_nobody_and_renews_at_the_same_price() -> None:
    subscription = make.subscribed()
    make.costs(subscription.product, "1500.00")
    assert renewed(subscription)[2] == "1260.00"


def test_accepted_it_costs_what_was_accepted_and_never_more() -> None:
    subscription = raised()
    answer(subscription, "accept")
    make.costs(subscription.product, "1800.00")
    assert renewed(subscription)[1:] == (1, "1500.00")


def test_accepted_and_cheaper_meanwhile_it_costs_less() -> None:
    subscription = raised()
    answer(subscription, "accept")
    make.costs(subscription.product, "1300.00")
    assert renewed(subscription)[2] == "1300.00"


def test_another_quantity_and_an_answer_that_is_changed_until_the_deadline() -> None:
    subscription = raised()
    answer(subscription, "remove")
    assert make.fresh(subscription).renews_on is None
    answer(subscription, "adjust", LAST_DAY, quantity=3)
    assert make.fresh(subscription).renews_on == date(2027, 1, 31)
    with pytest.raises(SubscriptionRefused, match="The answer was due by 17 January 2027"):
        answer(subscription, "remove", "2027-01-18")
    assert renewed(subscription)[1:] == (3, "1500.00")
    assert make.fresh(subscription).quantity == 3
    events = list(subscription.events.filter(kind="review_answered").values_list("data__decision", flat=True))
    assert events == ["remove", "adjust"]


def test_a_missing_product_is_replaced_by_one_of_the_same_term() -> None:
    subscription = make.subscribed()
    other = shop.product("Next edition", price="1300.00", class_slug="software", stock=None, term_months=12)
    monthly = shop.product("Monthly", class_slug="software", stock=None, term_months=1)
    Product.objects.filter(pk=subscription.product_id).update(is_public=False)
    reviews.open_due(now=make.at(OPEN))
    assert subscription.reviews.get().reason == "missing"
    with pytest.raises(SubscriptionRefused, match="no longer offered"):
        answer(subscription, "accept")
    with pytest.raises(SubscriptionRefused, match="Choose a product from the list"):
        answer(subscription, "substitute", product_id=monthly.pk)
    answer(subscription, "substitute", product_id=other.pk)
    assert renewed(subscription) == ("Next edition", 1, "1300.00")


def test_a_missing_product_without_an_answer_ends_and_is_told() -> None:
    subscription = make.subscribed()
    Product.objects.filter(pk=subscription.product_id).update(is_public=False)
    for day in (OPEN, DUE, DUE):
        reviews.open_due(now=make.at(day))
        assert renewals.renew_due(now=make.at(day)) == {"renewals placed": 0, "renewals failed": 0}
    ended = make.fresh(subscription)
    assert (ended.status, ended.status_reason) == ("ended", "This product is no longer offered.")
    assert list(ended.occurrences.values_list("due_on", "state", "order")) == [(date(2027, 1, 31), "skipped", None)]
    assert ended.notices.filter(kind="ended").count() == 2
    assert Order.objects.count() == 1


def test_what_renews_only_by_hand_ends_without_a_word() -> None:
    subscription = make.planned(make.subscribed(), auto_renew=False)
    reviews.open_due(now=make.at(OPEN))
    assert subscription.reviews.get().reason == "by_hand"
    other = make.subscribed()
    reviews.open_due(now=make.at(OPEN))
    answer(other, "accept")
    assert renewals.renew_due(now=make.at(DUE))["renewals placed"] == 1
    assert (make.fresh(subscription).status, make.fresh(other).status) == ("ended", "active")


def test_a_plan_may_end_what_nobody_agreed_to() -> None:
    subscription = raised()
    make.planned(subscription, unanswered="end")
    assert renewals.renew_due(now=make.at(DUE))["renewals placed"] == 0
    assert make.fresh(subscription).status_reason == "The price rises, and nobody agreed to it."


@pytest.mark.parametrize(
    ("values", "price", "reason"),
    [
        ({"price_rule": "fixed"}, "1200.00", ""),
        ({"price_rule": "uplift", "uplift_bp": 300}, "1236.00", "rise"),
        ({"price_rule": "uplift", "uplift_bp": 800}, "1260.00", "rise"),
        ({"price_rule": "uplift", "uplift_bp": 800, "cap_bp": None}, "1296.00", "rise"),
        ({"price_rule": "list", "cap_bp": None}, "1500.00", "rise"),
    ],
)
def test_price_rules(values: dict[str, object], price: str, reason: str) -> None:
    subscription = make.planned(make.subscribed(), **values)
    make.costs(subscription.product, "1500.00")
    reviews.open_due(now=make.at(OPEN))
    assert list(subscription.reviews.values_list("reason", flat=True)) == ([reason] if reason else [])
    assert renewed(subscription)[2] == price


def test_a_commitment_of_several_intervals_locks_the_price() -> None:
    """Three years billed by the year: the first two renewals cost what was agreed, the third what the day says."""
    subscription = make.planned(make.subscribed(), commitment_months=36, notice_days=[])
    make.costs(subscription.product, "1500.00")
    for year in (2027, 2028, 2029):
        reviews.open_due(now=make.at(f"{year - 1}-12-05"))
        renewals.renew_due(now=make.at(f"{year}-02-01"))
    assert list(Order.objects.order_by("date_placed").values_list("total_excl_tax", flat=True)) == [
        Decimal(1200), Decimal(1200), Decimal(1200), Decimal(1260),
    ]  # fmt: skip
    assert list(RenewalReview.objects.values_list("due_on", flat=True)) == [date(2029, 1, 31)]
    assert make.fresh(subscription).committed_until == date(2032, 1, 31)


def test_a_contract_price_was_agreed_when_it_was_signed() -> None:
    person = shop.buyer()
    subscription = make.subscribed(person=person)
    prices.contract(person.company, prices.row(subscription.product, "1400", valid_from=prices.day("2027-01-01")))
    reviews.open_due(now=make.at(OPEN))
    assert not RenewalReview.objects.exists()
    assert renewed(subscription)[2] == "1400.00"
