"""The undercut guard at the till: offers that meet in a basket may undercut a partner though each alone does not.

A discount that is refused is taken off and named; the order itself is never lost. Asking writes nothing, so a page may
ask on every view; what came of it is kept when the order is placed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from channels import api
from channels.contracts import PriceCheck, PriceProposal, PriceSource, to_minor
from shop.facts import list_price_minor, product_class_word


@dataclass(slots=True)
class TillCheck:
    """What the guard said about a basket: refusals with the offers taken off, and what it let pass."""

    refused: list[PriceCheck] = field(default_factory=list)
    refused_offers: list[str] = field(default_factory=list)
    passed: PriceCheck | None = None

    def keep(self, *, order_number: str, at: datetime, actor_id: int | None) -> None:
        """Record it with the order, in the order's transaction."""
        checks = [*self.refused, *([replace(self.passed, must_pass=True)] if self.passed else [])]
        for check in checks:
            api.record_price_check(replace(check, reference=order_number, label=order_number, at=at), actor_id=actor_id)


def offers_to_refuse(basket: Any, till: TillCheck) -> set[Any]:
    """Return the offers whose discounts would undercut a partner; note on `till` what passes."""
    discounted = [line for line in basket.all_lines() if line.has_discount]
    if not discounted:
        return set()
    check = facts_of(basket, discounted)
    verdict = api.check_prices(check)
    if not verdict.is_blocked:
        till.passed = check if verdict.findings else None
        return set()
    hurt = {finding.sku for finding in verdict.findings}
    offers = {
        discount.offer
        for line in discounted
        if line.stockrecord.partner_sku in hurt
        for discount in line.discounts
        if discount.offer is not None
    }
    if offers:
        till.refused.append(check)
        till.refused_offers += sorted(offer.name for offer in offers)
    else:
        till.passed = check
    return offers


def facts_of(basket: Any, lines: Sequence[Any]) -> PriceCheck:
    context = basket.strategy.context
    return PriceCheck(
        source=PriceSource.BASKET,
        reference=f"basket:{basket.pk}",
        label=f"basket {basket.pk}",
        at=context.at,
        proposals=tuple(_proposal(line, context) for line in lines),
    )


def _proposal(line: Any, context: Any) -> PriceProposal:
    listed = list_price_minor(line, context.currency)
    net = to_minor(Decimal(line.line_price_excl_tax_incl_discounts), context.currency)  # Oscar's nothing is an int
    return PriceProposal(
        sku=line.stockrecord.partner_sku,
        title=line.product.get_title(),
        product_class=product_class_word(line.product.get_product_class().slug),
        direct_minor=net,
        list_unit_minor=to_minor(line.unit_price_excl_tax, context.currency) if listed is None else listed,
        currency=context.currency,
        quantity=line.quantity,
        company_key=context.company_key,
    )
