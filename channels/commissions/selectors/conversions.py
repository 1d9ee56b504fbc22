"""Which balances a month's closing converts, and for which a rate is missing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from channels.commissions import tax
from channels.commissions.engine.currency import Quotation
from channels.commissions.selectors.balances import Balance, balances_of
from channels.commissions.selectors.rates import Rates
from channels.core.periods import Month


@dataclass(frozen=True, slots=True)
class Wish:
    """A balance of a partner that is paid in another currency; `quotation` is None without a rate."""

    partner_id: int
    balance: Balance
    quotation: Quotation | None


def agreed_currencies(month: Month) -> dict[int, str]:
    """Return the currency of each partner that is paid in one of its own, by the agreement at the month's end."""
    last_day = _last_day(month)
    return {partner: row.payout_currency for partner, row in tax.agreements_on(last_day).items() if row.payout_currency}


def wishes(month: Month) -> Iterator[Wish]:
    """Yield the balances at the end of the month that are owed, or owing, in another currency than the agreed one."""
    agreed = agreed_currencies(month)
    if not agreed:
        return
    rates = Rates.of(_last_day(month))
    for partner, rows in sorted(balances_of(agreed, before=month.end).items()):
        for row in rows:
            if row.owed and row.currency != agreed[partner]:
                yield Wish(partner, row, rates.quotation(row.currency, agreed[partner]))


def missing(month: Month, about_to_move: Iterable[tuple[int, str]]) -> int:
    """Return how many balances wait for a rate; `about_to_move` are (partner, currency) that the closing will change."""
    agreed = agreed_currencies(month)
    if not agreed:
        return 0
    rates = Rates.of(_last_day(month))
    waiting = {(wish.partner_id, wish.balance.currency) for wish in wishes(month)} | set(about_to_move)
    return sum(
        partner in agreed and rates.quotation(currency, agreed[partner]) is None for partner, currency in waiting
    )


def _last_day(month: Month) -> date:
    return (month.end - timedelta(microseconds=1)).date()
