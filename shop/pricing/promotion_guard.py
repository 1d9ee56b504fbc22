"""No promotion undercuts a channel partner: offers, vouchers, and the ranges, conditions and benefits they are made of.

Saving an offer or a voucher asks about every price it can make. Changing a range, or what categories and classes it takes
in, asks only about what becomes cheaper than before, so that products can always be taken out.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from channels.contracts import PriceCheck, PriceProposal, PriceSource, PriceVerdict, to_minor
from shop.forks.offer.models import ConditionalOffer, Range
from shop.pricing.guard import guarded, settle
from shop.pricing.worst_prices import Worst, worst_of_offer

Lowest = Mapping[str, Worst]  # by SKU


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """An offer in the time in which it can be had: its own, or within it that of a voucher. None: without an end."""

    offer: ConditionalOffer
    reference: str
    label: str
    starts_at: datetime | None
    until: datetime | None

    def may_apply(self, at: datetime) -> bool:
        return not self.offer.is_suspended and (self.until is None or self.until > at)


def guard_offer(offer: ConditionalOffer, *, at: datetime, actor_id: int | None = None) -> PriceVerdict:
    """Raise Undercut when the offer, at its worst, undercuts a partner; an offer that never applies does not."""
    return guard([_alone(offer)], at=at, actor_id=actor_id)[0]


def guard_offers_like(offer: ConditionalOffer, *, at: datetime, actor_id: int | None = None) -> list[PriceVerdict]:
    """Guard a saved offer, and those that share its condition or benefit and have changed with it."""
    alike = Q(pk=offer.pk) | Q(benefit=offer.benefit_id) | Q(condition=offer.condition_id)
    return guard([_alone(found) for found in _offers(alike)], at=at, actor_id=actor_id)


def guard_voucher(
    voucher: Any, offers: Iterable[ConditionalOffer], *, at: datetime, actor_id: int | None = None
) -> None:
    """Guard the offers of a voucher, or of a set of vouchers, for the time in which it can be redeemed."""
    promotions = [
        Promotion(
            offer=offer,
            reference=f"{voucher._meta.model_name}:{voucher.pk}",
            label=f"{voucher.name}: {offer.name}",
            starts_at=max(filter(None, (voucher.start_datetime, offer.start_datetime))),
            until=min(filter(None, (voucher.end_datetime, offer.end_datetime))),
        )
        for offer in offers
    ]
    guard(promotions, at=at, actor_id=actor_id)


@contextmanager
def guarded_range(range_: Range, *, at: datetime, actor_id: int | None = None) -> Iterator[None]:
    """Change a range inside; whatever offers then make cheaper than before, and undercuts, takes everything back."""
    with _guarded_ranges([range_.pk], at=at, actor_id=actor_id):
        yield


@contextmanager
def guarded_products(*, move_only: bool, at: datetime, actor_id: int | None = None) -> Iterator[None]:
    """Change products inside; those that an offer then takes in, and undercuts with, take everything back.

    `move_only` says that they only change categories: then no offer is asked that takes in by class or name.
    """
    ranges = Range.objects.order_by().values_list("pk", flat=True)
    if move_only:
        ranges = ranges.exclude(included_categories=None, excluded_categories=None)
    with _guarded_ranges(set(ranges), at=at, actor_id=actor_id):
        yield


@contextmanager
def _guarded_ranges(ranges: Collection[int], *, at: datetime, actor_id: int | None) -> Iterator[None]:
    using = Q(benefit__range__in=ranges) | Q(condition__range__in=ranges)
    before = {offer.pk: _lowest(offer) for offer in _offers(using) if _alone(offer).may_apply(at)}
    with guarded():
        yield
        guard([_alone(offer) for offer in _offers(using)], at=at, actor_id=actor_id, before=before)


def guard(
    promotions: Iterable[Promotion],
    *,
    at: datetime,
    actor_id: int | None = None,
    before: Mapping[int, Lowest] | None = None,
) -> list[PriceVerdict]:
    """Raise Undercut with all that is blocked. With `before`, prices as low as an offer already made them do not count."""
    checks = [_check(promotion, (before or {}).get(promotion.offer.pk, {}), at) for promotion in promotions]
    return settle(checks, actor_id)


def _check(promotion: Promotion, before: Lowest, at: datetime) -> PriceCheck:
    worst = _lowest(promotion.offer).values() if promotion.may_apply(at) else ()
    return PriceCheck(
        source=PriceSource.OFFER,
        reference=promotion.reference,
        label=promotion.label,
        at=at,
        proposals=tuple(_proposal(found) for found in worst if _is_lower(found, before.get(found.sold.sku))),
        starts_at=promotion.starts_at,
        until=promotion.until,
    )


def _proposal(worst: Worst) -> PriceProposal:
    return PriceProposal(
        sku=worst.sold.sku,
        title=worst.sold.title,
        product_class=worst.sold.product_class,
        direct_minor=to_minor(worst.net, worst.sold.currency),
        list_unit_minor=to_minor(worst.sold.price, worst.sold.currency),
        currency=worst.sold.currency,
        quantity=worst.quantity,
    )


def _lowest(offer: ConditionalOffer) -> Lowest:
    """Return what the offer makes cheaper than its list price."""
    return {found.sold.sku: found for found in worst_of_offer(offer) if found.net < found.sold.price * found.quantity}


def _is_lower(now: Worst, before: Worst | None) -> bool:
    return before is None or now.net * before.quantity < before.net * now.quantity


def _alone(offer: ConditionalOffer) -> Promotion:
    return Promotion(
        offer=offer,
        reference=f"offer:{offer.pk}",
        label=offer.name,
        starts_at=offer.start_datetime,
        until=offer.end_datetime,
    )


def _offers(wanted: Q) -> QuerySet[ConditionalOffer]:
    """Read anew each time: a range keeps its products once it was asked for them."""
    rows = ConditionalOffer.objects.filter(wanted).select_related("benefit__range", "condition__range")
    return rows.distinct().order_by("pk")
