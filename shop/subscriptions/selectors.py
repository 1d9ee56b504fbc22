"""What people see of subscriptions."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from shop.catalogue.visibility import hidden_from
from shop.companies.access import within
from shop.companies.capabilities import Capability
from shop.companies.models import Membership
from shop.forks.catalogue.models import Product
from shop.subscriptions.models import Occurrence, RenewalReview, Subscription

MOST_SUBSTITUTES = 20


def visible_to(
    membership: Membership | None, capability: Capability = Capability.VIEW_ORDERS
) -> QuerySet[Subscription]:
    """Return the subscriptions that the person may see, or with another capability may act on."""
    mine = within(
        membership,
        capability,
        company="company_id",
        location="first_line__order__purchase__location_id",
        user="user_id",
    )
    return Subscription.objects.filter(mine)


def with_renewal(rows: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """Join what a list shows of each, in a fixed number of queries: open reviews, and renewals under way."""
    underway = Occurrence.objects.exclude(state__in=(Occurrence.State.PLACED, Occurrence.State.SKIPPED))
    return rows.select_related("product__parent", "plan", "company__sales_rep").prefetch_related(
        Prefetch("reviews", RenewalReview.objects.filter(decision=RenewalReview.Decision.NONE), to_attr="unanswered"),
        Prefetch("occurrences", underway, to_attr="underway"),
    )


def substitutes_for(subscription: Subscription) -> list[Product]:
    """Return what could be renewed instead: public, of the same class and term, and not hidden from the company."""
    kind, months = subscription.product.get_product_class(), subscription.term_months
    found = Product.objects.filter(
        Q(product_class=kind) | Q(parent__product_class=kind), is_public=True,
        attribute_values__attribute__code="term_months",
        attribute_values__value_integer__in=(0, 1) if months == 0 else (months,),
    )  # fmt: skip
    found = found.exclude(pk=subscription.product_id).exclude(structure=Product.PARENT).select_related("parent")
    hidden = hidden_from(str(subscription.company.key))
    visible = [product for product in found.distinct() if not hidden.has_product(product.parent_id or product.pk)]
    return sorted(visible, key=lambda product: (product.get_title(), product.pk))[:MOST_SUBSTITUTES]


def review_of(subscription: Subscription) -> RenewalReview | None:
    """Return the review of the next renewal."""
    return subscription.reviews.filter(due_on=subscription.next_due_on).select_related("product").first()


def timeline(subscription: Subscription) -> list[Any]:
    """Return what happened, the latest first, with who did it."""
    return list(subscription.events.select_related("by").order_by("-at", "-pk"))
