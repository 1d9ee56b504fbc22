"""Who sees what: the price a company gets on a day, and why every other price there is did not count."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oscar.apps.catalogue.models import Product

from channels.contracts import Channel
from shop.companies.models import Company
from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin, Prices, Rule, Step
from shop.pricing.models import PriceListAssignment
from shop.pricing.resolver import PriceQuestion, ResolvedPrice, resolve_prices
from shop.pricing.selectors import Footing, footing_of
from shop.segments.selectors import group_ids_of

LABELS: dict[str, str | Promise] = {
    Origin.QUOTE: gettext_lazy("Quote"),
    Origin.CONTRACT: gettext_lazy("Contract price"),
    Origin.COMPANY_LIST: gettext_lazy("List of the company"),
    Origin.GROUP_LIST: gettext_lazy("List of a customer group"),
    Origin.CHANNEL_LIST: gettext_lazy("List of the channel"),
    Origin.STOCK_RECORD: gettext_lazy("List price"),
}


@dataclass(frozen=True, slots=True)
class Lost:
    """A source that did not give the price; `amount` is None where it has none for the quantity."""

    label: str
    name: str
    amount: Decimal | None
    why: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the company sees of one product. Without `amount` it has no price."""

    sku: str
    title: str
    amount: Decimal | None = None
    label: str = ""
    name: str = ""
    why: str = ""
    ladder: Sequence[Step] = ()
    lost: Sequence[Lost] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    rule: Rule | None
    rows: Sequence[Seen]
    idle: Sequence[Lost]  # lists that are assigned and do not count on the day


def preview(
    *, company: Company | None, products: Sequence[Product], quantity: int, on: date, channel: Channel, currency: str
) -> Preview:
    """Resolve as the shop does, and tell of every source: a constant number of queries for any number of products.

    `products` come with their stock records. Whether the company may see prices at all is not asked.
    """
    context = PriceContext(
        at=timezone.make_aware(datetime.combine(on, time(12))),
        company_key=str(company.key) if company else "",
        channel=channel,
        currency=currency,
    )
    questions = [
        PriceQuestion(key=one.pk, product=one, stockrecord=_record(one), quantity=quantity) for one in products
    ]
    answers, footing = resolve_prices(context=context, questions=questions), footing_of(context)
    rows = [_seen(product, answers.get(product.pk), footing, quantity) for product in products]
    rule = next((answer.rule for answer in answers.values()), None)
    return Preview(rule, rows, tuple(_idle(context)))


def _record(product: Product) -> Any:
    return next(iter(product.stockrecords.all()), None)


def _seen(product: Product, answer: ResolvedPrice | None, footing: Footing, quantity: int) -> Seen:
    record = _record(product)
    sku, title = (record.partner_sku if record else ""), product.get_title()
    if answer is None:
        return Seen(sku, title, lost=tuple(_silent((), footing)))
    return Seen(
        sku, title, answer.amount, str(LABELS[answer.source]), answer.name, answer.why, answer.ladder,
        (*_beaten(answer, quantity), *_silent(answer.candidates, footing)),
    )  # fmt: skip


def _beaten(answer: ResolvedPrice, quantity: int) -> Iterator[Lost]:
    winner_seen = False
    for prices in answer.candidates:
        tier = prices.at(quantity)
        if not winner_seen and tier == answer.tier and (prices.origin, prices.name) == (answer.source, answer.name):
            winner_seen = True
            continue
        if tier is None:
            yield Lost(str(LABELS[prices.origin]), prices.name, None, _quantities(prices))
        elif answer.rule == Rule.MINIMUM or not winner_seen:
            why = _("Not lower.") if tier.amount >= answer.amount else _("Its lower tiers may not be mixed in.")
            yield Lost(str(LABELS[prices.origin]), prices.name, tier.amount, why)
        else:
            yield Lost(str(LABELS[prices.origin]), prices.name, tier.amount, _("Comes later in the order of sources."))


def _quantities(prices: Prices) -> str:
    first, last = prices.tiers[0].first, prices.tiers[-1].last
    if last is not None:
        return _("Holds for %(first)d to %(last)d units.") % {"first": first, "last": last}
    return _("Begins at %(first)d units.") % {"first": first}


def _silent(candidates: Sequence[Prices], footing: Footing) -> Iterator[Lost]:
    known = {(prices.origin, prices.name) for prices in candidates}
    for found in footing.lists:
        if (found.origin, found.name) not in known:
            yield Lost(str(LABELS[found.origin]), found.name, None, _("Has no price for this product on this day."))


def _idle(context: PriceContext) -> Iterator[Lost]:
    """Yield the lists that the company has, and why they do not count."""
    whose = Q(channel=context.channel.value) | Q(group__in=group_ids_of(context.company_key))
    if context.company_key:
        whose |= Q(company__key=context.company_key)
    seen: set[int] = set()
    for row in PriceListAssignment.objects.filter(whose).select_related("price_list"):
        found = row.price_list
        why = ""
        if found.currency != context.currency:
            why = _("It is in %s.") % found.currency
        elif found.channel not in ("", context.channel.value):
            why = _("It is only for: %s.") % found.get_channel_display()
        elif found.valid_from and found.valid_from > context.on:
            why = _("It begins on %s.") % date_format(found.valid_from)
        elif found.valid_to and found.valid_to <= context.on:
            why = _("It ended on %s.") % date_format(found.valid_to)
        if why and found.pk not in seen:
            seen.add(found.pk)
            yield Lost("", found.name, None, why)
