"""Which returns somebody may see, and what waits for whom."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from shop.buying.selectors import orders_visible_to
from shop.companies.access import Target, can
from shop.companies.capabilities import Capability
from shop.companies.models import Membership
from shop.forks.order.models import Order
from shop.returns.models import Repayment, ReturnRequest

State = ReturnRequest.State
FOR_STAFF = (State.REQUESTED, State.APPROVED, State.RECEIVED, State.INSPECTED)


def returns_visible_to(membership: Membership | None) -> QuerySet[ReturnRequest]:
    """Return the returns of the orders that the person may see."""
    return ReturnRequest.objects.filter(order__in=orders_visible_to(membership))


def may_return(membership: Membership | None, order: Order) -> bool:
    """Tell whether the person may send goods of this order back: whoever could have ordered it."""
    purchase = order.purchase
    target = Target(purchase.company_id, location_id=purchase.location_id, user_id=order.user_id)
    return can(membership, Capability.ORDER, target)


def queue(*, state: str = "", q: str = "") -> QuerySet[ReturnRequest]:
    """Return returns for staff, those that wait longest first; `state` "open" is all that we have to deal with."""
    rows = ReturnRequest.objects.select_related("order", "company", "requested_by").annotate(units=Count("lines"))
    if state == "open":
        rows = rows.filter(state__in=FOR_STAFF)
    elif state:
        rows = rows.filter(state=state)
    if q:
        rows = rows.filter(Q(reference__icontains=q) | Q(order__number__iexact=q) | Q(company__name__icontains=q))
    return rows.order_by("changed_at", "pk")


def repayments(*, state: str = "", q: str = "") -> QuerySet[Repayment]:
    """Return the money that waits for finance or went, the oldest first."""
    rows = Repayment.objects.select_related(
        "take_back__order__invoice",
        "take_back__order__purchase__company",
        "take_back__return_request",
        "payment__saved_method",
        "asked_by",
        "released_by",
    )
    if state == "open":
        rows = rows.filter(state__in=(Repayment.State.WAITING, Repayment.State.FAILED))
    elif state:
        rows = rows.filter(state=state)
    if q:
        rows = rows.filter(
            Q(take_back__order__number__iexact=q)
            | Q(take_back__order__purchase__company__name__icontains=q)
            | Q(take_back__return_request__reference__icontains=q)
        )
    return rows.order_by("asked_at", "pk")


def needs_other_eyes(repayment: Repayment, user: Any) -> bool:
    """Tell whether the user granted so much that somebody else has to release it."""
    limit: Decimal = settings.REPAYMENT_FOUR_EYES_ABOVE
    return repayment.amount > limit and repayment.asked_by_id == user.pk


def counts(*, now: datetime) -> dict[str, int]:
    """Return what waits, for the desk's home: by kind, in two queries."""
    rows = dict(
        ReturnRequest.objects.filter(state__in=State.values).order_by().values_list("state").annotate(n=Count("pk"))
    )
    money = dict(Repayment.objects.order_by().values_list("state").annotate(n=Count("pk")))
    return {
        "requested": rows.get(State.REQUESTED, 0),
        "received": rows.get(State.RECEIVED, 0),
        "inspected": rows.get(State.INSPECTED, 0),
        "to_release": money.get(Repayment.State.WAITING, 0),
        "failed": money.get(Repayment.State.FAILED, 0),
    }
