"""The terms of a programme version: ordered rules, a cap, holds. Immutable once published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from channels.commissions.engine.facts import CommissionType
from channels.core.money import BASIS
from channels.core.terms import TermsReader

RULE_TYPES = (
    CommissionType.RESALE,
    CommissionType.REFERRAL,
    CommissionType.INFLUENCE,
    CommissionType.RENEWAL,
    CommissionType.OVERRIDE,
)
BASES = ("net", "margin")
RATE_KINDS = ("percent",)
CYCLES = ("any", "new", "renewal")
SHRINK_ORDER = ("INFLUENCE", "OVERRIDE", "REFERRAL", "RENEWAL", "RESALE")


@dataclass(frozen=True, slots=True)
class Conditions:
    """All must hold; an empty tuple asks nothing. Lists match when any of their values does."""

    product_classes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    partner_kinds: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    min_term_months: int = 0
    cycle: str = "any"

    @classmethod
    def read(cls, reader: TermsReader) -> Conditions:
        conditions = cls(
            product_classes=reader.strings("product_classes"),
            categories=reader.strings("categories"),
            segments=reader.strings("segments"),
            partner_kinds=reader.strings("partner_kinds"),
            tiers=reader.strings("tiers"),
            roles=reader.strings("roles"),
            channels=reader.strings("channels", choices=("DIRECT", "RESELLER")),
            countries=reader.strings("countries"),
            min_term_months=reader.integer("min_term_months", default=0, low=0),
            cycle=reader.string("cycle", default="any", choices=CYCLES),
        )
        reader.close()
        return conditions

    def to_json(self) -> dict[str, object]:
        """Only what is asked, so that a rule reads short."""
        asked: dict[str, object] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value != item.default:
                asked[item.name] = list(value) if isinstance(value, tuple) else value
        return asked


@dataclass(frozen=True, slots=True)
class Rule:
    """`duration_months` counts from the line's anchor; None pays for ever."""

    id: str
    type: str
    rate_bp: int
    label: str = ""
    conditions: Conditions = Conditions()
    base: str = "net"
    rate_kind: str = "percent"
    duration_months: int | None = None

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
        )
        if not rule.id:
            reader.problem("id", "is missing")
        if rate_bp is None:
            reader.problem("rate_bp", "is missing")
        reader.close()
        return rule

    def to_json(self) -> dict[str, object]:
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return values | {"conditions": self.conditions.to_json()}


@dataclass(frozen=True, slots=True)
class ProgrammeTerms:
    """Per commission type the first rule that matches wins.

    `total_cap_bp` of a line's net limits all partners together; types are shrunk in
    `shrink_order`, the first one first. None means no cap.
    """

    rules: tuple[Rule, ...] = ()
    total_cap_bp: int | None = None
    shrink_order: tuple[str, ...] = SHRINK_ORDER
    hold_days: int = 14
    return_window_days: int = 30
    minimum_payable_minor: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_json(cls, raw: object) -> ProgrammeTerms:
        """Raises TermsError naming every unknown key and wrong value."""
        reader = TermsReader(raw)
        terms = cls(
            rules=tuple(Rule.read(child) for child in reader.children("rules")),
            total_cap_bp=reader.optional_integer("total_cap_bp", low=0, high=BASIS),
            shrink_order=reader.strings("shrink_order", default=SHRINK_ORDER, choices=RULE_TYPES),
            hold_days=reader.integer("hold_days", default=14, low=0, high=3_650),
            return_window_days=reader.integer("return_window_days", default=30, low=0, high=3_650),
            minimum_payable_minor=reader.integers_by_name("minimum_payable_minor", default={}),
        )
        terms._check(reader)
        reader.close()
        reader.raise_problems()
        return terms

    def _check(self, reader: TermsReader) -> None:
        seen: set[str] = set()
        for index, rule in enumerate(self.rules):
            if rule.id and rule.id in seen:
                reader.problem(f"rules[{index}].id", f"{rule.id!r} is used twice")
            seen.add(rule.id)
        missing = [name for name in RULE_TYPES if name not in self.shrink_order]
        if missing:
            reader.problem("shrink_order", f"leaves out {', '.join(missing)}")

    def to_json(self) -> dict[str, object]:
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return values | {
            "rules": [rule.to_json() for rule in self.rules],
            "shrink_order": list(self.shrink_order),
            "minimum_payable_minor": dict(self.minimum_payable_minor),
        }

    def minimum_payable(self, currency: str) -> int:
        return self.minimum_payable_minor.get(currency, 0)

    def held_until(self, *, paid_at: datetime, delivered_at: datetime | None = None) -> datetime:
        """The latest of payment cleared, delivery, and the end of the return window.

        Without a known delivery the return window runs from the payment.
        """
        delivered = delivered_at or paid_at
        return max(
            paid_at + timedelta(days=self.hold_days),
            delivered,
            delivered + timedelta(days=self.return_window_days),
        )
