"""On what terms the next renewal goes through, with all that was decided about it: the same for pages and for the order."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _

from shop.subscriptions.engine import prices as engine
from shop.subscriptions.engine.dates import meeting
from shop.subscriptions.engine.proration import Period, part, spread
from shop.subscriptions.models import Plan, RenewalReview, Subscription
from shop.subscriptions.prices import next_price, rise_of
from shop.subscriptions.selectors import review_of

AGREED = (RenewalReview.Decision.ACCEPT, RenewalReview.Decision.ADJUST, RenewalReview.Decision.SUBSTITUTE)


class NotRenewed(Exception):
    """It ends instead; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One renewal. All amounts are net; `unit_price` is for a whole interval.

    `charged` is the price of a unit on the order: less in a period that is cut short, or where a credit is used up.
    """

    product: Any
    quantity: int
    unit_price: Decimal
    charged: Decimal
    credit_left: Decimal
    until: date
    why: str

    @property
    def net(self) -> Decimal:
        return self.charged * self.quantity


def terms_of_next(subscription: Subscription) -> Terms:
    """Return the terms of the next renewal as far as they are decided today. Raises NotRenewed."""
    product, quantity, price, why = _agreed(subscription)
    return charge(subscription, product=product, quantity=quantity, price=price, why=why)


def charge(subscription: Subscription, *, product: Any, quantity: int, price: Decimal, why: str = "") -> Terms:
    """Return what the next period costs at a price for a whole one: shortened where it is to meet others, less credit."""
    unit, until = price, subscription.due_on(subscription.cycle + 2)
    if subscription.aligned_on:
        until, _intervals = meeting(subscription.next_due_on, subscription.aligned_on, subscription.interval_months)
        whole = Period(until - relativedelta(months=subscription.interval_months), until)
        unit = part(price, whole, since=subscription.next_due_on)
    total = unit * quantity
    used = min(subscription.credit, total)
    charged, over = spread(total - used, quantity)
    return Terms(
        product=product,
        quantity=quantity,
        unit_price=price,
        charged=charged,
        credit_left=subscription.credit - used + over,
        until=until,
        why=why,
    )


def _agreed(subscription: Subscription) -> tuple[Any, int, Decimal, str]:
    """Return product, quantity, price of a unit and why."""
    review = review_of(subscription)
    decided = review if review is not None and review.decision in AGREED else None
    product = decided.product if decided and decided.product else subscription.product
    quantity = decided.quantity if decided and decided.quantity else subscription.quantity
    found = next_price(subscription, product=product, quantity=quantity)
    if found.amount is None:
        raise NotRenewed(found.why)
    if subscription.is_locked_at_renewal:
        return product, quantity, found.amount, found.why
    plan, old, asked = subscription.plan, subscription.unit_price, found.amount
    is_rise = asked > old and not found.is_contract
    if decided is None and not plan.auto_renew:
        raise NotRenewed(_("It renews only when you say so, and nobody did."))
    if decided is None and is_rise and plan.unanswered == Plan.Unanswered.END:
        raise NotRenewed(_("The price rises, and nobody agreed to it."))
    if subscription.priced_for == subscription.next_due_on and subscription.next_price is not None:
        asked = min(asked, subscription.next_price)  # never more than what was found, and told, in advance
    agreed = decided.agreed_price if decided else None
    price = engine.due(rise_of(subscription), old=old, asked=asked, agreed=agreed, is_contract=found.is_contract)
    why = found.why
    if price < found.amount and decided is None:
        why = _("%(why)s Nobody agreed to the rise, so it stays within your plan's limit.") % {"why": found.why}
    return product, quantity, price, why
