"""Ready rows of credited orders, for the list and the front page."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from channels.portal import numbers, wording
from channels.portal.disclosure import Disclosure
from channels.portal.selectors.orders import OrderLedger


def order_rows(ledgers: Iterable[OrderLedger], disclosure: Disclosure) -> list[dict[str, Any]]:
    return [_row(ledger, disclosure) for ledger in ledgers]


def _row(ledger: OrderLedger, disclosure: Disclosure) -> dict[str, Any]:
    order = ledger.order
    total = disclosure.order_total_minor(order)
    return {
        "number": order.number,
        "href": reverse("portal:order", args=[order.number]),
        "placed_at": order.placed_at,
        "cycle": order.cycle,
        "customer": disclosure.customer(order.company),
        "total": "" if total is None else numbers.money(total, order.currency),
        "types": [wording.type_label(kind) for kind in ledger.types],
        "share": share_text(ledger.shares_bp),
        "states": [wording.state(state) for state in ledger.states],
        "earned": numbers.money(ledger.earned_minor, order.currency) if ledger.accruals else "",
    }


def share_text(shares: tuple[int, int] | None) -> str:
    if shares is None:
        return ""
    low, high = shares
    return numbers.percent(low) if low == high else f"{numbers.percent(low)} – {numbers.percent(high)}"
