"""Price lists themselves: what they derive from, when they hold and whom they are for."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shop.companies.models import Company
from shop.pricing.guard import guard_prices, guarded
from shop.pricing.models import MAX_PARENTS, PriceList, PriceListAssignment, PriceRecord
from shop.pricing.services import version
from shop.pricing.services.derived import changes_of_list
from shop.segments.models import CustomerGroup

RECORDED = (
    "name",
    "currency",
    "channel",
    "priority",
    "valid_from",
    "valid_to",
    "parent_id",
    "adjust_bp",
    "merge_allowed",
)


class ListRefused(Exception):
    """A list that cannot be kept; the text says why and what to do."""


def save_list(*, price_list: PriceList, at: datetime, by: Any = None) -> PriceList:
    """Keep a new or changed list. Raises ListRefused, or Undercut for what it would derive from its parent."""
    with guarded():
        list(PriceList.objects.select_for_update().order_by("pk").values_list("pk"))  # two at once could make a circle
        before = PriceList.objects.filter(pk=price_list.pk).first() if price_list.pk else None
        _refuse_impossible(price_list, before)
        price_list.save()
        changed = [name for name in RECORDED if getattr(before, name, None) != getattr(price_list, name)]
        if before is None or {"parent_id", "adjust_bp", "channel"} & set(changed):
            _guard_derived(price_list, at=at, by=by)
        for name in changed if before else ():
            note = f"{name}: {getattr(before, name)} → {getattr(price_list, name)}"[:120]
            PriceRecord.objects.create(at=at, by=by, price_list=price_list, currency=price_list.currency, note=note)
        version.bump()
    return price_list


@transaction.atomic
def assign(
    *,
    price_list: PriceList,
    company: Company | None = None,
    group: CustomerGroup | None = None,
    channel: str = "",
    at: datetime,
    by: Any = None,
) -> PriceListAssignment:
    """Give a list to exactly one of a company, a group or everybody in a channel; harmless when it has it already."""
    found, created = PriceListAssignment.objects.get_or_create(
        price_list=price_list, company=company, group=group, channel=channel
    )
    if created:
        _record(found, "+", at=at, by=by)
    return found


@transaction.atomic
def withdraw(*, assignment: PriceListAssignment, at: datetime, by: Any = None) -> None:
    """Take a list from whom it was assigned to."""
    _record(assignment, "-", at=at, by=by)
    assignment.delete()


def _record(assignment: PriceListAssignment, sign: str, *, at: datetime, by: Any) -> None:
    price_list, whom = assignment.price_list, assignment.company or assignment.group or assignment.channel
    PriceRecord.objects.create(
        at=at,
        by=by,
        price_list=price_list,
        company=assignment.company,
        currency=price_list.currency,
        note=f"{sign} {whom}"[:120],
    )
    version.bump()


def _refuse_impossible(price_list: PriceList, before: PriceList | None) -> None:
    above: list[PriceList] = []
    step = price_list.parent
    while step is not None and len(above) <= MAX_PARENTS:
        if step.pk == price_list.pk:
            raise ListRefused(_("A list cannot derive from itself. Choose another parent."))
        above.append(step)
        step = step.parent
    depth_below = _depth_below(price_list) if before else 0
    if len(above) + depth_below > MAX_PARENTS:
        raise ListRefused(
            _("At most %(most)d lists may stand behind one another. Choose a parent further up.")
            % {"most": MAX_PARENTS}
        )
    others = [*above, *(price_list.children.all() if before else ())]
    if any(other.currency != price_list.currency for other in others):
        raise ListRefused(_("A list and its parent have the same currency."))
    if before and before.currency != price_list.currency and before.entries.exists():
        raise ListRefused(
            _("This list holds prices in %(currency)s. Make another list.") % {"currency": before.currency}
        )


def _depth_below(price_list: PriceList) -> int:
    depth, level = 0, [price_list.pk]
    while level := list(PriceList.objects.filter(parent__in=level).values_list("pk", flat=True)):
        depth += 1
    return depth


def _guard_derived(price_list: PriceList, *, at: datetime, by: Any) -> None:
    """Ask about every price of the list, its own and what it takes from its parents, and what derives from it in turn."""
    entries = list(price_list.entries.all())
    changes = changes_of_list(price_list, entries)
    known = {entry.product_id for entry in entries}
    step = price_list
    points: tuple[int, ...] = ()
    while step.parent is not None:
        step, points = step.parent, (step.adjust_bp, *points)
        entries = list(step.entries.exclude(product__in=known))
        changes += changes_of_list(price_list, entries, points)
        known |= {entry.product_id for entry in entries}
    guard_prices(
        changes,
        label=price_list.name,
        reference=f"price-list:{price_list.code}",
        at=at,
        actor_id=by.pk if by else None,
    )
