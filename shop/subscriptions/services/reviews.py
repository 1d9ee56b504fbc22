"""The price of a renewal is found in advance; a rise, or a product that is gone, becomes a question to the buyer."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from shop.offering import quantities
from shop.offering.engine.quantities import snap
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import Occurrence, Plan, RenewalNotice, RenewalReview, Subscription, SubscriptionEvent
from shop.subscriptions.prices import NextPrice, next_price
from shop.subscriptions.selectors import substitutes_for
from shop.subscriptions.services import history, notices
from shop.subscriptions.services.locking import day_of, locked

Decision, Reason = RenewalReview.Decision, RenewalReview.Reason


def open_due(*, now: datetime) -> dict[str, int]:
    """Find the price of each renewal that comes near, once, and open the reviews that follow from it."""
    today, priced, opened = day_of(now), 0, 0
    days_of = dict(Plan.objects.values_list("pk", "review_days"))
    near = Subscription.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=F("next_due_on")), ~Q(priced_for=F("next_due_on")) | Q(priced_for=None),
        status__in=Subscription.RUNNING, next_due_on__gt=today,
        next_due_on__lte=today + timedelta(days=max(days_of.values(), default=0)),
    )  # fmt: skip
    for pk, due_on, plan_id in near.order_by("next_due_on", "pk").values_list("pk", "next_due_on", "plan_id"):
        if (due_on - today).days <= days_of[plan_id]:
            review = look_ahead(subscription_id=pk, now=now)
            priced += 1
            opened += review is not None
    return {"renewals priced": priced, "reviews opened": opened}


@transaction.atomic
def look_ahead(*, subscription_id: int, now: datetime) -> RenewalReview | None:
    """Keep the price of the next renewal; return the review where the buyer has to be asked."""
    subscription = locked(subscription_id)
    found = next_price(subscription)
    subscription.next_price, subscription.priced_for = found.amount, subscription.next_due_on
    subscription.save(update_fields=["next_price", "priced_for"])
    review = None
    if reason := reason_to_ask(subscription, found):
        review, is_new = RenewalReview.objects.get_or_create(
            subscription=subscription,
            due_on=subscription.next_due_on,
            defaults={
                "reason": reason,
                "old_price": subscription.unit_price,
                "new_price": found.amount,
                "opened_at": now,
                "answer_by": _answer_by(subscription, day_of(now)),
            },
        )
        if is_new:
            history.note(
                subscription, SubscriptionEvent.Kind.REVIEW_OPENED, at=now, reason=reason, due=review.due_on,
                old=review.old_price, new=review.new_price, answer_by=review.answer_by,
            )  # fmt: skip
            notices.tell(subscription, RenewalNotice.Kind.REVIEW, at=now)
    history.tell_channels(subscription)
    return review


def reason_to_ask(subscription: Subscription, found: NextPrice) -> str:
    """Return why the buyer has to be asked; '' when the renewal is no surprise."""
    if subscription.is_locked_at_renewal:
        return ""
    if found.amount is None:
        return Reason.MISSING
    if not subscription.plan.auto_renew:
        return Reason.BY_HAND
    return Reason.RISE if found.amount > subscription.unit_price and not found.is_contract else ""


def _answer_by(subscription: Subscription, today: date) -> date:
    """Return the last day for an answer: as planned, but with as much time when the review opens late."""
    days = timedelta(days=subscription.plan.answer_days)
    latest = subscription.next_due_on - timedelta(days=1)
    return min(max(subscription.next_due_on - days, today + days), latest)


@transaction.atomic
def answer(
    *,
    review_id: int,
    decision: str,
    at: datetime,
    by: Any,
    quantity: int | None = None,
    product_id: int | None = None,
) -> RenewalReview:
    """Keep the buyer's answer, which may be changed until the deadline. Raises SubscriptionRefused."""
    subscription = locked(RenewalReview.objects.values_list("subscription_id", flat=True).get(pk=review_id))
    review = RenewalReview.objects.select_for_update().get(pk=review_id)
    _require_open(subscription, review, at)
    product, units = _wanted(subscription, decision, quantity, product_id)
    review.decision, review.quantity, review.product, review.agreed_price = decision, None, None, None
    if decision != Decision.REMOVE:
        found = next_price(subscription, product=product, quantity=units)
        if found.amount is None:
            raise SubscriptionRefused(_("%(why)s Choose another product, or do not renew.") % {"why": found.why})
        is_offer = decision == Decision.ACCEPT and review.new_price is not None
        review.agreed_price = min(found.amount, review.new_price) if is_offer and review.new_price else found.amount
        review.quantity, review.product = units, product
    review.decided_at, review.decided_by = at, by
    review.save()
    subscription.ends_on = review.due_on if decision == Decision.REMOVE else None
    subscription.cancel_fee = 0
    subscription.next_price = review.agreed_price or subscription.next_price
    subscription.save(update_fields=["ends_on", "cancel_fee", "next_price"])
    history.note(
        subscription, SubscriptionEvent.Kind.REVIEW_ANSWERED, at=at, by=by, decision=decision, due=review.due_on,
        price=review.agreed_price, quantity=review.quantity, product=product.get_title(),
    )  # fmt: skip
    history.tell_channels(subscription)
    return review


def _require_open(subscription: Subscription, review: RenewalReview, at: datetime) -> None:
    paying = Occurrence.objects.filter(subscription=subscription, due_on=review.due_on).exists()
    if not subscription.is_running or review.due_on != subscription.next_due_on or paying:
        raise SubscriptionRefused(_("This renewal has been decided. Look at the subscription for what happened."))
    if day_of(at) > review.answer_by:
        raise SubscriptionRefused(
            _("The answer was due by %(day)s. Call us if the renewal should be different.")
            % {"day": date_format(review.answer_by, "j F Y")}
        )


def _wanted(subscription: Subscription, decision: str, quantity: int | None, product_id: int | None) -> tuple[Any, int]:
    """Return the product and the units of the answer, checked."""
    product, units = subscription.product, subscription.quantity
    if decision == Decision.SUBSTITUTE:
        product = next((other for other in substitutes_for(subscription) if other.pk == product_id), None)
        if product is None:
            raise SubscriptionRefused(_("Choose a product from the list."))
    if decision in (Decision.ADJUST, Decision.SUBSTITUTE) and quantity is not None:
        units = quantity
    if decision == Decision.ADJUST:
        require_quantity(product, units)
    elif decision not in (Decision.ACCEPT, Decision.SUBSTITUTE, Decision.REMOVE):
        raise SubscriptionRefused(_("Choose what should happen with this renewal."))
    return product, units


def require_quantity(product: Any, units: int) -> None:
    """Refuse a number that the product is not sold in."""
    if units < 1:
        raise SubscriptionRefused(_("Choose a quantity of at least 1, or do not renew."))
    rule = quantities.rule_of(product)
    snapped = snap(units, rule)
    if snapped.reason is not None:
        raise SubscriptionRefused(quantities.words(rule, snapped))
