"""One rule of a programme: whom it pays, on what base, at what rate, for how long, and within which limits.

Amounts are minor units by currency. A rule with amounts pays only in the currencies which they name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from itertools import pairwise

from channels.commissions.engine.conditions import Conditions
from channels.commissions.engine.facts import RULE_TYPES
from channels.core.money import BASIS
from channels.core.terms import TermsReader

# "uplift" is the part of a renewal which would not have come without the steward: see docs/algorithms/commission.md.
BASES = ("net", "margin", "uplift")
FLAT_KINDS = ("per_unit", "per_order")
BRACKET_KINDS = ("slab", "marginal", "retroactive")
RATE_KINDS = ("percent", *FLAT_KINDS, *BRACKET_KINDS)
PERIODS = ("month", "quarter", "year")
RENEWAL_RATES = ("current", "frozen")
LIMIT_KINDS = ("cap", "floor")
LIMIT_SCOPES = ("line", "order", "customer", *PERIODS)


NO_CONDITIONS = Conditions()


@dataclass(frozen=True, slots=True)
class Bracket:
    """The rate once the partner's base of the period is above `from_minor`; the first starts at 0."""

    from_minor: Mapping[str, int]
    rate_bp: int

    @classmethod
    def read(cls, reader: TermsReader) -> Bracket:
        bracket = cls(
            from_minor=reader.integers_by_name("from_minor", default={}),
            rate_bp=reader.integer("rate_bp", default=0, low=0, high=BASIS),
        )
        reader.close()
        return bracket

    def to_json(self) -> dict[str, object]:
        return {"from_minor": dict(self.from_minor), "rate_bp": self.rate_bp}


@dataclass(frozen=True, slots=True)
class StepDown:
    """The rate once so many full months have passed since the anchor."""

    after_months: int
    rate_bp: int

    @classmethod
    def read(cls, reader: TermsReader) -> StepDown:
        step = cls(
            after_months=reader.integer("after_months", default=1, low=1),
            rate_bp=reader.integer("rate_bp", default=0, low=0, high=BASIS),
        )
        reader.close()
        return step

    def to_json(self) -> dict[str, object]:
        return {"after_months": self.after_months, "rate_bp": self.rate_bp}


@dataclass(frozen=True, slots=True)
class Limit:
    """The most or the least that the rule pays one partner per line, order, customer, month, quarter or year.

    A period is that of the order's date. A floor lifts what is earned at all: nothing sold stays nothing.
    """

    kind: str
    per: str
    amount_minor: Mapping[str, int]

    @classmethod
    def read(cls, reader: TermsReader) -> Limit:
        limit = cls(
            kind=reader.string("kind", default="", choices=LIMIT_KINDS),
            per=reader.string("per", default="", choices=LIMIT_SCOPES),
            amount_minor=reader.integers_by_name("amount_minor", default={}),
        )
        if not limit.amount_minor:
            reader.problem("amount_minor", "is missing")
        reader.close()
        return limit

    def to_json(self) -> dict[str, object]:
        return {"kind": self.kind, "per": self.per, "amount_minor": dict(self.amount_minor)}


@dataclass(frozen=True, slots=True)
class Rule:
    """Fields for the chosen `rate_kind`: percent reads `rate_bp`; per_unit and per_order `flat_minor`; slab, marginal
    and retroactive `brackets` over the partner's cumulative base in a `bracket_period`.

    `duration_months` counts from the line's anchor; None pays for ever. `renewal_rate` "frozen" takes the rate that the
    programme in force at the anchor would have paid.
    """

    id: str
    type: str
    rate_bp: int = 0
    label: str = ""
    conditions: Conditions = NO_CONDITIONS
    base: str = "net"
    rate_kind: str = "percent"
    duration_months: int | None = None
    flat_minor: Mapping[str, int] = field(default_factory=dict)
    brackets: tuple[Bracket, ...] = ()
    bracket_period: str = "year"
    step_down: tuple[StepDown, ...] = ()
    first_sale_only: bool = False
    renewal_rate: str = "current"
    limits: tuple[Limit, ...] = ()

    @classmethod
    def read(cls, reader: TermsReader) -> Rule:
        rate_bp = reader.optional_integer("rate_bp", low=0, high=BASIS)
        rule = cls(
            id=reader.string("id", default=""),
            type=reader.string("type", default="", choices=RULE_TYPES),
            rate_bp=0 if rate_bp is None else rate_bp,
            label=reader.string("label", default=""),
            conditions=Conditions.read(reader.child("conditions")),
            base=reader.string("base", default="net", choices=BASES),
            rate_kind=reader.string("rate_kind", default="percent", choices=RATE_KINDS),
            duration_months=reader.optional_integer("duration_months", low=1),
            flat_minor=reader.integers_by_name("flat_minor", default={}),
            brackets=tuple(Bracket.read(child) for child in reader.children("brackets")),
            bracket_period=reader.string("bracket_period", default="year", choices=PERIODS),
            step_down=tuple(StepDown.read(child) for child in reader.children("step_down")),
            first_sale_only=reader.boolean("first_sale_only", default=False),
            renewal_rate=reader.string("renewal_rate", default="current", choices=RENEWAL_RATES),
            limits=tuple(Limit.read(child) for child in reader.children("limits")),
        )
        if not rule.id:
            reader.problem("id", "is missing")
        if rate_bp is None and rule.rate_kind == "percent":
            reader.problem("rate_bp", "is missing")
        rule._check_amounts(reader)
        rule._check_time(reader)
        reader.close()
        return rule

    def _check_amounts(self, reader: TermsReader) -> None:
        if self.rate_kind in FLAT_KINDS and not self.flat_minor:
            reader.problem("flat_minor", "is missing")
        if self.rate_kind not in FLAT_KINDS and self.flat_minor:
            reader.problem("flat_minor", f"says nothing for the rate kind {self.rate_kind}")
        if self.rate_kind not in BRACKET_KINDS:
            if self.brackets:
                reader.problem("brackets", f"say nothing for the rate kind {self.rate_kind}")
            return
        if not self.brackets:
            reader.problem("brackets", "are missing")
        currencies = {frozenset(bracket.from_minor) for bracket in self.brackets}
        if len(currencies) > 1 or frozenset() in currencies:
            reader.problem("brackets", "must each name the same currencies")
            return
        for currency in sorted(self.brackets[0].from_minor) if self.brackets else ():
            starts = [bracket.from_minor[currency] for bracket in self.brackets]
            if starts[0] != 0 or any(low >= high for low, high in pairwise(starts)):
                reader.problem("brackets", f"must start at 0 and rise in {currency}")

    def _check_time(self, reader: TermsReader) -> None:
        months = [step.after_months for step in self.step_down]
        if months != sorted(set(months)):
            reader.problem("step_down", "must come in the order of their months")
        if self.step_down and self.rate_kind != "percent":
            reader.problem("step_down", "needs the rate kind percent")
        if self.renewal_rate == "frozen" and (self.type != "RENEWAL" or self.rate_kind != "percent"):
            reader.problem("renewal_rate", "frozen is for a RENEWAL rule of the rate kind percent")
        if self.base == "uplift" and self.type != "RENEWAL":
            reader.problem("base", "uplift is for a RENEWAL rule")
        scopes = [(limit.kind, limit.per) for limit in self.limits]
        if len(set(scopes)) != len(scopes):
            reader.problem("limits", "say the same twice")

    def to_json(self) -> dict[str, object]:
        """Always the fields that every rule has; of the others only what is said, so that a rule reads short."""
        values: dict[str, object] = {name: getattr(self, name) for name in _ALWAYS}
        values["conditions"] = self.conditions.to_json()
        for name, default in _WHEN_SAID.items():
            value = getattr(self, name)
            if value != default:
                values[name] = _plain(value)
        return values


_ALWAYS = ("id", "type", "rate_bp", "label", "conditions", "base", "rate_kind", "duration_months")
_WHEN_SAID: dict[str, object] = {
    item.name: {} if item.name == "flat_minor" else item.default for item in fields(Rule) if item.name not in _ALWAYS
}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [part.to_json() for part in value]
    return dict(value) if isinstance(value, Mapping) else value
