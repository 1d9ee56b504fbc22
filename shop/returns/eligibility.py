"""Which units of an order may come back, until when, and why the others may not."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Max, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import Category
from oscar.apps.order.models import ShippingEventQuantity

from shop.forks.order.models import Line, Order
from shop.fulfilment import deliveries
from shop.returns.models import ReturnLine, ReturnPolicy, ReturnRequest

Outcome, State = ReturnLine.Outcome, ReturnRequest.State


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may come back of one line. `why_not` is empty where something may; `until` is the last day."""

    line: Line
    units: int
    until: date | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    units: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Bound:
    """Units in other returns: all of them, and those that no take-back counts."""

    all: int
    untaken: int


def verdicts(order: Order, *, on: date) -> list[Verdict]:
    """Return a verdict for each line of the order. The order has its PurchaseDetails. A fixed number of queries."""
    lines = list(
        order.lines.select_related("product__product_class", "product__parent__product_class", "details")
        .annotate(taken=Coalesce(Sum("take_back_lines__quantity"), 0))
        .order_by("pk")
    )
    delivered, bound = _delivered(order), _bound(order)
    windows = windows_of(lines, company_id=order.purchase.company_id)
    return [
        _verdict(line, delivered.get(line.pk), bound.get(line.pk, Bound(0, 0)), windows.get(line.pk), on)
        for line in lines
    ]


def _verdict(line: Any, delivered: Delivered | None, bound: Bound, days: int | None, on: date) -> Verdict:
    if hasattr(line, "details"):
        return Verdict(line, 0, why_not=_("Subscriptions are cancelled, not returned."))
    if line.product is not None and not line.product.get_product_class().requires_shipping:
        return Verdict(line, 0, why_not=_("What was delivered online cannot come back."))
    if delivered is None:
        return Verdict(line, 0, why_not=_("Not delivered yet. Ask us to cancel it instead."))
    if not days:
        return Verdict(line, 0, why_not=_("These goods are not taken back."))
    until = timezone.localdate(delivered.at) + timedelta(days=days)
    units = max(0, min(delivered.units - bound.all, line.quantity - line.taken - bound.untaken))
    if not units:
        return Verdict(line, 0, until, _("All of it has come back, or is on its way back."))
    if on > until:
        return Verdict(line, 0, until, _("The time to return it ended on %s.") % date_format(until, "j M Y"))
    return Verdict(line, units, until)


def windows_of(lines: Iterable[Any], *, company_id: int) -> dict[int, int]:
    """Return the days of the policy that counts for each line, by pk. Lines without one are not in it. Two queries."""
    policies = list(ReturnPolicy.objects.filter(Q(company=None) | Q(company=company_id)).select_related("category"))
    places = _categories(lines) if any(policy.category for policy in policies) else {}
    found = {}
    for line in lines:
        product = line.product
        owner = (product.parent_id or product.pk) if product else None
        kind = product.get_product_class().pk if product else None
        fitting = [policy for policy in policies if _fits(policy, kind, places.get(owner, []))]
        if fitting:
            found[line.pk] = max(fitting, key=_rank).days
    return found


def _fits(policy: ReturnPolicy, kind: int | None, paths: list[str]) -> bool:
    if policy.category:
        return any(path.startswith(policy.category.path) for path in paths)
    return policy.product_class_id in (None, kind)


def _rank(policy: ReturnPolicy) -> tuple[bool, int, bool]:
    """The company's own first; then the deepest category, then the product type."""
    depth = policy.category.depth if policy.category else 0
    return policy.company_id is not None, depth, policy.product_class_id is not None


def _categories(lines: Iterable[Any]) -> dict[int | None, list[str]]:
    owners = {line.product.parent_id or line.product_id for line in lines if line.product}
    found: dict[int | None, list[str]] = defaultdict(list)
    for owner, path in Category.objects.filter(product__in=owners).values_list("product", "path"):
        found[owner].append(path)
    return found


def _delivered(order: Order) -> dict[int, Delivered]:
    rows = ShippingEventQuantity.objects.filter(event__order=order, event__event_type__code=deliveries.CODE).order_by()
    sums = rows.values_list("line").annotate(units=Sum("quantity"), at=Max("event__date_created"))
    return {line: Delivered(units, at) for line, units, at in sums}


def _bound(order: Order) -> dict[int, Bound]:
    rows = ReturnLine.objects.filter(request__order=order).exclude(request__state__in=(State.REJECTED, State.CANCELLED))
    units = Coalesce(F("accepted"), F("received"), F("quantity"))
    is_taken = Q(outcome=Outcome.REFUND, request__take_back__isnull=False)
    sums = rows.order_by().values_list("line").annotate(all=Sum(units), taken=Coalesce(Sum(units, filter=is_taken), 0))
    return {line: Bound(total, total - taken) for line, total, taken in sums}
