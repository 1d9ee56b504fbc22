"""No direct price undercuts a channel partner: what the shop asks channels before it keeps a price or a promotion.

Every way in which a price is saved calls `guard_prices`: a form, a bulk change, an import. Promotions come through
shop.pricing.promotion_guard. What they refuse is rolled back by `guarded`, and the refusals are kept.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from oscar.templatetags.currency_filters import currency as money

from channels import api
from channels.contracts import PriceCheck, PriceFinding, PriceProposal, PriceSource, PriceVerdict, from_minor, to_minor

SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """A direct net price of one unit, from `quantity` units on; `before` is the list price that it replaces.

    Prices of lists and contracts replace none: partners' discounts are still counted from `before`.
    """

    sku: str
    title: str
    product_class: str  # as channels calls it: shop.facts.product_class_word
    price: Decimal
    before: Decimal | None = None
    currency: str = settings.OSCAR_DEFAULT_CURRENCY
    quantity: int = 1
    company_key: str = ""
    is_list_price: bool = True


class Undercut(Exception):
    """The prices were not kept, since they would undercut partners; `messages` say whom and by how much."""

    def __init__(self, refusals: Iterable[tuple[PriceCheck, PriceVerdict]], *, actor_id: int | None) -> None:
        self.refusals, self.actor_id = tuple(refusals), actor_id
        super().__init__(" ".join(self.messages))

    @property
    def findings(self) -> list[PriceFinding]:
        return [finding for _facts, verdict in self.refusals for finding in verdict.findings]

    @property
    def messages(self) -> list[str]:
        told = [_sentence(finding) for finding in self.findings[:SHOWN]]
        if (more := len(self.findings) - SHOWN) > 0:
            told.append(ngettext("And %(n)d more.", "And %(n)d more.", more) % {"n": more})
        told.append(
            _(
                "Nothing was saved. Raise the price, or ask for an override in the channel desk under Undercuts; "
                "a second person decides on it."
            )
        )
        return told


@contextmanager
def guarded() -> Iterator[None]:
    """Save inside; a price that would undercut takes everything back, and only the refusal is kept."""
    try:
        with transaction.atomic():
            yield
    except Undercut as refusal:
        for facts, _verdict in refusal.refusals:
            api.record_price_check(facts, actor_id=refusal.actor_id)
        raise


def guard_prices(
    changes: Iterable[PriceChange], *, label: str, at: datetime, reference: str = "", actor_id: int | None = None
) -> PriceVerdict:
    """Raise Undercut, or keep what the guard let pass and why. A constant number of queries for any number."""
    return settle([price_check(changes, label=label, at=at, reference=reference)], actor_id)[0]


def price_check(changes: Iterable[PriceChange], *, label: str, at: datetime, reference: str = "") -> PriceCheck:
    """Return what the guard is asked about changed prices."""
    proposals = tuple(
        PriceProposal(
            sku=change.sku,
            title=change.title,
            product_class=change.product_class,
            direct_minor=to_minor(change.price, change.currency) * change.quantity,
            list_unit_minor=to_minor(change.price if change.before is None else change.before, change.currency),
            currency=change.currency,
            quantity=change.quantity,
            company_key=change.company_key,
            is_list_price=change.is_list_price,
        )
        for change in changes
    )
    return PriceCheck(
        source=PriceSource.PRICE, reference=reference or "prices", label=label, at=at, proposals=proposals
    )


def settle(checks: Iterable[PriceCheck], actor_id: int | None) -> list[PriceVerdict]:
    """Return a verdict for each: raise Undercut with every check that is blocked, or keep what passes and why."""
    found = [(facts, api.check_prices(facts)) for facts in checks]
    if blocked := [(facts, verdict) for facts, verdict in found if verdict.is_blocked]:
        raise Undercut(blocked, actor_id=actor_id)
    for facts, verdict in found:
        if verdict.findings:
            api.record_price_check(facts, actor_id=actor_id)
    return [verdict for _facts, verdict in found]


def _sentence(finding: PriceFinding) -> str:
    values = {
        "title": finding.title,
        "quantity": finding.quantity,
        "partner": finding.partner_name,
        "price": money(from_minor(finding.direct_minor, finding.currency), finding.currency),
        "floor": money(from_minor(finding.floor_minor, finding.currency), finding.currency),
    }
    if finding.partner_code:
        return (
            _("%(quantity)d × %(title)s for %(price)s undercuts %(partner)s, whose price and margin come to %(floor)s.")
            % values
        )
    return _("%(quantity)d × %(title)s for %(price)s is below its minimum advertised price of %(floor)s.") % values
