"""Contract terms compared: what each costs in total, by month, and against going month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
# Before the renewal of a term; month by month can be ended with any month, on its last day.
NOTICE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be bought: a product or child, its price for one billing, its term (0 = month by month)."""

    product_id: int
    sku: str
    title: str
    price: Decimal | None
    term_months: int | None
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Term:
    """One row of the comparison, for the quantity it was asked for.

    `saving` is against month by month for the same time, None without that offer and where nothing is saved; the percent
    is rounded down. The price is locked until `renews_on`; notice can be given up to and on `notice_on`.
    """

    product_id: int
    sku: str
    months: int
    total: Decimal
    monthly: Decimal
    saving: Decimal | None
    saving_percent: int | None
    renews_on: date
    notice_on: date

    @property
    def years(self) -> int:
        """Whole years, 0 for any other term."""
        return self.months // 12 if self.months % 12 == 0 else 0


def commitment(term_months: int | None) -> int | None:
    """One month's commitment and none are the same: month by month, written 0."""
    return 0 if term_months == 1 else term_months


def monthly(price: Decimal, term_months: int | None) -> Decimal:
    """Price by month of a term, half-up; the price itself for what has no term."""
    return (price / max(term_months or 1, 1)).quantize(CENT, rounding=ROUND_HALF_UP)


def compare(offers: Sequence[Offer], *, today: date, quantity: int = 1, notice_days: int = NOTICE_DAYS) -> list[Term]:
    """Order the priced terms from the shortest commitment to the longest, for `quantity` units ordered today."""
    terms = sorted(
        (offer for offer in offers if offer.price is not None and offer.term_months is not None),
        key=lambda offer: (commitment(offer.term_months) or 0, offer.product_id),
    )
    by_month = next((offer.price for offer in terms if not commitment(offer.term_months)), None)
    return [_term(offer, by_month, today, quantity, notice_days) for offer in terms]


def _term(offer: Offer, by_month: Decimal | None, today: date, quantity: int, notice_days: int) -> Term:
    assert offer.price is not None  # noqa: S101  filtered by compare()
    months = commitment(offer.term_months) or 0
    total = offer.price * quantity
    full = by_month * quantity * months if by_month is not None and months else None
    saving = full - total if full is not None and full > total else None
    renews_on = add_months(today, max(months, 1))
    return Term(
        product_id=offer.product_id,
        sku=offer.sku,
        months=months,
        total=total,
        monthly=monthly(total, months),
        saving=saving,
        saving_percent=int(saving * 100 / full) if saving is not None and full else None,
        renews_on=renews_on,
        notice_on=renews_on - timedelta(days=notice_days if months else 1),
    )


def add_months(day: date, months: int) -> date:
    """Same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, last))
