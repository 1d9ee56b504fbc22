"""A partner's links: how often each was followed, and what it brought."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet

from channels.commissions.selectors.earnings import credits_in_force
from channels.journeys.models import PartnerCode, Touchpoint
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True)
class Link:
    """A code with what became of it. `orders` counts those that credit the partner for a visit by this link."""

    code: PartnerCode
    clicks: int
    last_click_at: datetime | None
    orders: int
    is_expired: bool


def codes(partner: ChannelPartner) -> QuerySet[PartnerCode]:
    """Return the partner's codes, the newest first, with `clicks` and `last_click_at`."""
    return (
        PartnerCode.objects.filter(partner=partner)
        .annotate(clicks=Count("touchpoints"), last_click_at=Max("touchpoints__at"))
        .order_by("-is_active", "-created_at", "-pk")
    )


def links(partner: ChannelPartner, found: Iterable[PartnerCode], *, now: datetime) -> list[Link]:
    """Return the codes of `codes` with the orders that each brought, in two queries for all of them."""
    found = list(found)
    orders = orders_by_code(partner, found)
    return [
        Link(
            code=code,
            clicks=code.clicks,  # type: ignore[attr-defined]
            last_click_at=code.last_click_at,  # type: ignore[attr-defined]
            orders=len(orders.get(code.pk, ())),
            is_expired=code.expires_at is not None and code.expires_at <= now,
        )
        for code in found
    ]


def orders_by_code(partner: ChannelPartner, wanted: Iterable[PartnerCode]) -> dict[int, set[int]]:
    """Return the orders credited for a touch of each of these codes."""
    orders_of_touch: dict[str, set[int]] = {}
    credits = credits_in_force().filter(partner=partner).order_by()
    for order_id, keys in credits.values_list("run__order_id", "touch_keys"):
        for key in keys:
            orders_of_touch.setdefault(key, set()).add(order_id)
    found: dict[int, set[int]] = {}
    touches = Touchpoint.objects.filter(partner=partner, code__in=[code.pk for code in wanted]).order_by()
    for key, code_id in touches.values_list("key", "code_id").iterator():  # many more clicks than orders
        if key in orders_of_touch:
            found.setdefault(code_id, set()).update(orders_of_touch[key])
    return found
