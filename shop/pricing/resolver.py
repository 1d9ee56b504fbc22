"""Which price a company pays, and why: the one place that pages, basket, search, feeds and renewals ask.

Sources are tried in SOURCES' order; the first that knows a price wins. Today only the stock record does; quotes,
contract prices and lists take their place in front of it. Always ask in bulk: the number of queries never depends on
the number of items.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels.contracts import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceQuestion:
    """One product in one quantity. `key` comes back with the answer; the stock record must be loaded already."""

    key: Hashable
    product: Any
    stockrecord: Any
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedPrice:
    """The net price of one unit, where it came from, and a sentence for the buyer."""

    amount: Decimal
    currency: str
    source: str
    why: str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceContext:
    """Everything besides the product that a price may depend on; also what a cached price is keyed by."""

    company_key: str = ""
    channel: Channel = Channel.DIRECT
    currency: str = "EUR"
    at: datetime | None = None


Answers = dict[Hashable, ResolvedPrice]
Source = Callable[[PriceContext, Sequence[PriceQuestion]], Answers]


def stock_record_prices(context: PriceContext, questions: Sequence[PriceQuestion]) -> Answers:
    """Answer with the list price on the stock record, where it has one in the currency asked for."""
    return {
        question.key: ResolvedPrice(
            amount=question.stockrecord.price,
            currency=question.stockrecord.price_currency,
            source="stock_record",
            why=_("List price"),
        )
        for question in questions
        if question.stockrecord is not None
        and question.stockrecord.price is not None
        and question.stockrecord.price_currency == context.currency
    }


SOURCES: tuple[Source, ...] = (stock_record_prices,)


def resolve_prices(
    *, context: PriceContext, questions: Sequence[PriceQuestion], sources: Sequence[Source] = SOURCES
) -> Mapping[Hashable, ResolvedPrice]:
    """Answer every question that some source knows; a product without a price is missing from the answer."""
    answers: Answers = {}
    open_questions = list(questions)
    for source in sources:
        if not open_questions:
            break
        answers |= source(context, open_questions)
        open_questions = [question for question in open_questions if question.key not in answers]
    return answers
