"""Which price lists are in force for whom, and the key that names a state of somebody's prices."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date

from django.conf import settings
from django.core.cache import cache
from django.db.models import Exists, Q

from shop.pricing import gating
from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin, Rule
from shop.pricing.models import MAX_PARENTS, ContractPrice, PriceList, PriceListAssignment
from shop.pricing.services import version
from shop.segments.models import GroupMember

SECONDS = 300
_RANK = (Origin.COMPANY_LIST, Origin.GROUP_LIST, Origin.CHANNEL_LIST)


@dataclass(frozen=True, slots=True)
class Link:
    """A list, and the adjustments that its prices go through on the way down to the list that is asked."""

    list_id: int
    basis_points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ListInForce:
    """A list that applies, with itself and its parents: the first link that knows a product answers."""

    origin: Origin
    name: str
    may_merge: bool
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Footing:
    """What a context's prices rest on, besides the stock records."""

    lists: tuple[ListInForce, ...]
    has_contracts: bool

    @property
    def is_plain(self) -> bool:
        """Nothing but stock records' prices."""
        return not self.lists and not self.has_contracts


def footing_of(context: PriceContext) -> Footing:
    """Return the lists in force, in order of precedence: one query, or two where no list is, and none while it is remembered.

    A list that reaches a company in several ways counts as the nearest of them.
    """
    parts = (version.current(), context.company_key, context.channel, context.currency, context.on)
    key = "prices:footing:" + ":".join(map(str, parts))
    found: Footing | None = cache.get(key)
    if found is None:
        found = _footing(context)
        cache.set(key, found, SECONDS)
    return found


def price_key(context: PriceContext) -> str:
    """Name the prices of a context: whoever shares the key sees the same price of everything.

    It changes with each change of a price, each day, and each list that begins or stops to apply.
    """
    if not context.sees_prices:
        return f"none:{gating.access()}"
    footing = footing_of(context)
    parts = (
        version.current(),
        bool(version.gate_token()) and context.is_customer,
        context.currency,
        context.on,
        rule_of(context),
        [asdict(found) for found in footing.lists],
        context.company_key if footing.has_contracts or context.includes_vat else "",
        context.includes_vat,
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def rule_of(context: PriceContext) -> Rule:
    return Rule(settings.ACCORD_PRICE_RULES[context.channel.value])


def in_force(on: date, prefix: str = "", *, end: str = "valid_to") -> Q:
    """Rows whose half-open period holds the day."""
    begins = Q(**{f"{prefix}valid_from": None}) | Q(**{f"{prefix}valid_from__lte": on})
    return begins & (Q(**{f"{prefix}{end}": None}) | Q(**{f"{prefix}{end}__gt": on}))


def _footing(context: PriceContext) -> Footing:
    whose = Q(channel=context.channel.value)
    contracts = ContractPrice.objects.none()
    if context.company_key:
        groups = GroupMember.objects.filter(company__key=context.company_key)
        whose |= Q(company__key=context.company_key) | Q(group__in=groups.values("group"))
        contracts = ContractPrice.objects.filter(
            in_force(context.on, end="expires"), company__key=context.company_key, currency=context.currency
        )
    rows = (
        PriceListAssignment.objects.filter(
            whose,
            in_force(context.on, "price_list__"),
            price_list__currency=context.currency,
            price_list__channel__in=("", context.channel.value),
        )
        .select_related("price_list" + "__parent" * MAX_PARENTS)
        .annotate(has_contracts=Exists(contracts))
    )
    ordered = sorted(rows, key=lambda row: (_RANK.index(_origin(row)), -row.price_list.priority, row.price_list.code))
    nearest = {row.price_list_id: row for row in reversed(ordered)}
    return Footing(
        lists=tuple(
            ListInForce(
                _origin(row),
                row.price_list.name,
                row.price_list.merge_allowed,
                tuple(_links(row.price_list, context.on)),
            )
            for row in ordered
            if nearest[row.price_list_id] is row
        ),
        has_contracts=ordered[0].has_contracts if ordered else contracts.exists(),
    )


def _origin(row: PriceListAssignment) -> Origin:
    if row.company_id:
        return Origin.COMPANY_LIST
    return Origin.GROUP_LIST if row.group_id else Origin.CHANNEL_LIST


def _links(asked: PriceList, on: date) -> Iterator[Link]:
    """The list itself, then its parents as long as they are in force."""
    step: PriceList | None = asked
    points: tuple[int, ...] = ()
    for _level in range(MAX_PARENTS + 1):
        if step is None or not _holds(step, on):
            return
        yield Link(step.pk, points)
        points = (step.adjust_bp, *points)
        step = step.parent


def _holds(price_list: PriceList, on: date) -> bool:
    begins, ends = price_list.valid_from, price_list.valid_to
    return (begins is None or begins <= on) and (ends is None or on < ends)
