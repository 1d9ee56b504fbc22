"""The no-worse-off proof of one order line and partner: C >= g x M.

M is what the partner would have earned by reselling the line itself; C what it was credited because the customer
bought directly. The sale's own facts are frozen; only what refunds have left, and C, move.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels.core.money import BASIS, divide_half_up, share_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A line as it was sold, and the partner's terms of that day. Prices are per unit, `net_minor` is for all."""

    quantity: int
    net_minor: int
    share_bp: int  # the partner's share of the line
    buy_minor: int
    floor_minor: int  # buy price and minimum margin, or the minimum advertised price when that is higher
    cost_bp: int = 0
    cost_minor: int = 0
    guarantee_bp: int = BASIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Both sides. `resale_minor` and `selling_cost_minor` are of the whole line as sold."""

    resale_minor: int
    selling_cost_minor: int
    margin_minor: int  # M, of what is left
    promised_minor: int  # g x M
    deficit_minor: int


def prove(sale: Sale, *, net_left_minor: int, quantity_left: int, credited_minor: int) -> Worth:
    """Return M, the promise and the deficit for what is left of the line.

    The partner would have sold at the price that was paid, but not below its floor: an undercut does not shrink M.
    What refunds took away takes M away in proportion to the net; a line given for nothing goes by its units.
    """
    resale = max(sale.net_minor, sale.floor_minor * sale.quantity)
    cost = share_of(resale, sale.cost_bp) + sale.cost_minor
    margin = max(0, resale - sale.buy_minor * sale.quantity - cost)
    left, whole = (net_left_minor, sale.net_minor) if sale.net_minor else (quantity_left, max(sale.quantity, 1))
    left_margin = divide_half_up(margin * sale.share_bp * left, BASIS * whole)
    promised = share_of(left_margin, sale.guarantee_bp)
    return Worth(
        resale_minor=resale,
        selling_cost_minor=cost,
        margin_minor=left_margin,
        promised_minor=promised,
        deficit_minor=max(0, promised - credited_minor),
    )
