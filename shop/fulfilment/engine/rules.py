"""Delivery rules: the most particular one of each method counts. `docs/algorithms/shipping.md` has them as a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

FREE = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Charge:
    """What a delivery of at least so many grams costs, net; nothing from `free_from` worth of goods on."""

    currency: str
    from_grams: int
    charge: Decimal
    free_from: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A method for an audience: a company, a customer group, or everybody (''/None); in some countries, or in all (())."""

    pk: int
    method: str
    company_key: str = ""
    group_id: int | None = None
    countries: tuple[str, ...] = ()
    is_offered: bool = True
    first_day: int = 1
    last_day: int = 1
    charges: tuple[Charge, ...] = ()

    @property
    def has_weights(self) -> bool:
        return any(step.from_grams for step in self.charges)

    def charge_for(self, *, currency: str, grams: int) -> Charge | None:
        """Return the step that a delivery falls into; None where the rule has no charge in the currency."""
        steps = [step for step in self.charges if step.currency == currency and step.from_grams <= grams]
        return max(steps, key=lambda step: step.from_grams, default=None)


def amount(step: Charge, *, net: Decimal) -> Decimal:
    """Return what the step charges for goods worth `net`."""
    return FREE if step.free_from is not None and net >= step.free_from else step.charge


def rule_for(rules: Iterable[Rule], *, company_key: str, group_ids: Sequence[int], country: str) -> Rule | None:
    """Return the rule of one method that counts: company before group before everybody, then a country before all.

    Of several groups the one that counts most decides: `group_ids` are in that order. Of equals the latest counts.
    """
    fitting = [
        rule
        for rule in rules
        if rule.company_key in ("", company_key)
        and (rule.group_id is None or rule.group_id in group_ids)
        and (not rule.countries or country in rule.countries)
    ]

    def rank(rule: Rule) -> tuple[bool, int, bool, int]:
        group = len(group_ids) if rule.group_id is None else list(group_ids).index(rule.group_id)
        return (not rule.company_key, group, not rule.countries, -rule.pk)

    found = min(fitting, key=rank, default=None)
    return found if found and found.is_offered else None
