"""Which price a company pays, and why: the one place that pages, basket, search, order, feeds and renewals ask.

A price agreed for the line counts before all others. Then come contract prices, the lists of the company, of its groups
and of the channel, and last the stock record.
PRICE_RULES says by channel whether the first hit or the lowest counts (docs/algorithms/prices.md). Always ask in
bulk: the number of queries never depends on the number of items.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from typing import Any

from shop.pricing import reasons
from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin, Prices, Rule, Step, Tier, choose, ladder, next_saving
from shop.pricing.gates import closed_to
from shop.pricing.selectors import footing_of, rule_of
from shop.pricing.sources import agreed_price, known_prices, stock_record_price
from shop.tax.engine.rounding import tax_on


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceQuestion:
    """One product in one quantity. `key` comes back with the answer; the stock record must be loaded already.

    `agreed` is the unit price of an accepted quote or a running contract: it counts, whatever else there is.
    """

    key: Hashable
    product: Any
    stockrecord: Any
    quantity: int = 1
    agreed: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedPrice:
    """The net price of one unit in a quantity, and all that it was chosen from."""

    tier: Tier
    currency: str
    source: Origin
    name: str = ""
    quantity: int = 1
    rule: Rule = Rule.FIRST_HIT
    known: tuple[Iterable[Prices], ...] = ()

    @property
    def candidates(self) -> tuple[Prices, ...]:
        """All prices that apply to the product, in order of precedence."""
        return tuple(chain.from_iterable(self.known))

    @property
    def amount(self) -> Decimal:
        return self.tier.amount

    @property
    def list_amount(self) -> Decimal | None:
        """The stock record's price, if it has one."""
        own = (prices for prices in self.candidates if prices.origin == Origin.STOCK_RECORD)
        return next((prices.tiers[0].amount for prices in own), None)

    @property
    def ladder(self) -> tuple[Step, ...]:
        return ladder(self.candidates, self.rule)

    @property
    def next_saving(self) -> Step | None:
        return next_saving(self.ladder, self.quantity)

    @property
    def why(self) -> str:
        """A sentence for the buyer, in the language of the moment."""
        compared = sum(prices.at(self.quantity) is not None for prices in self.candidates)
        return reasons.sentence(self.source, self.name, self.tier, compared if self.rule == Rule.MINIMUM else 1)

    @property
    def components(self) -> list[reasons.Component]:
        """How the amount came about, for a buyer who asks."""
        return reasons.components(self.tier, self.currency, self.list_amount)


def with_tax(price: ResolvedPrice, share: Decimal) -> ResolvedPrice:
    """Return the price as it is shown with tax: every amount that it knows, each rounded by itself."""

    def taxed(tier: Tier) -> Tier:
        base = tier.base + tax_on(tier.base, share) if tier.base is not None else None
        return tier._replace(amount=tier.amount + tax_on(tier.amount, share), base=base)

    known = tuple(
        tuple(prices._replace(tiers=[taxed(tier) for tier in prices.tiers]) for prices in group)
        for group in price.known
    )
    return replace(price, tier=taxed(price.tier), known=known)


def resolve_prices(*, context: PriceContext, questions: Sequence[PriceQuestion]) -> Mapping[Hashable, ResolvedPrice]:
    """Answer every question for which there is a price that the context may see."""
    if not context.sees_prices:
        return {}
    closed = closed_to(context)
    questions = [question for question in questions if question.product.pk not in closed]
    if not questions:
        return {}
    footing, rule = footing_of(context), rule_of(context)
    found = known_prices(context, footing, {question.product.pk for question in questions})
    answers = {}
    for question in questions:
        agreed = agreed_price(question.agreed)
        known = agreed, found.get(question.product.pk, ()), stock_record_price(context, question.stockrecord)
        hit = choose(agreed or chain.from_iterable(known), question.quantity, rule)
        if hit:
            answers[question.key] = ResolvedPrice(
                tier=hit.tier,
                currency=context.currency,
                source=hit.prices.origin,
                name=hit.prices.name,
                quantity=question.quantity,
                rule=Rule.FIRST_HIT if agreed else rule,
                known=known,
            )
    return answers
