"""The terms of a programme version: ordered rules, a cap, holds. Immutable once published.

The schema in JSON is that of `ProgrammeTerms.to_json`; `rules.py` and `conditions.py` hold its parts. A field left out
has its default, so what was stored by an earlier version of this code reads as it always did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from channels.commissions.engine.conditions import Conditions
from channels.commissions.engine.facts import RULE_TYPES
from channels.commissions.engine.rules import Bracket, Limit, Rule, StepDown
from channels.core.money import BASIS
from channels.core.terms import TermsReader

__all__ = ["Bracket", "Conditions", "Limit", "ProgrammeTerms", "Rule", "StepDown"]

SHRINK_ORDER = ("BONUS", "INFLUENCE", "OVERRIDE", "EXPANSION", "REFERRAL", "RENEWAL", "RESALE")
# Every published order names these; a type it leaves out is shrunk last.
SHRINK_AT_LEAST = ("RESALE", "REFERRAL", "INFLUENCE", "RENEWAL", "OVERRIDE")
OVERRIDES = ("on_top", "inside")
STEWARD_CHANGES = ("keep", "by_days")


@dataclass(frozen=True, slots=True)
class ProgrammeTerms:
    """Per commission type the first rule that matches wins.

    `total_cap_bp` of a line's net limits all partners together; types are shrunk in
    `shrink_order`, the first one first. None means no cap. `override` "inside" takes the distributor's part out of
    what the partners below it earn on the line. A renewal that comes `win_back_days` or more after the last term ended
    is new business; None: never. `holdout_bp` of the companies are renewed without a steward, as the baseline of the
    uplift. `steward_change` "by_days" shares a term between the stewards it had.
    """

    rules: tuple[Rule, ...] = ()
    total_cap_bp: int | None = None
    shrink_order: tuple[str, ...] = SHRINK_ORDER
    hold_days: int = 14
    return_window_days: int = 30
    minimum_payable_minor: Mapping[str, int] = field(default_factory=dict)
    override: str = "on_top"
    win_back_days: int | None = None
    holdout_bp: int = 0
    steward_change: str = "keep"

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
            override=reader.string("override", default="on_top", choices=OVERRIDES),
            win_back_days=reader.optional_integer("win_back_days", low=1, high=3_650),
            holdout_bp=reader.integer("holdout_bp", default=0, low=0, high=BASIS),
            steward_change=reader.string("steward_change", default="keep", choices=STEWARD_CHANGES),
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
        missing = [name for name in SHRINK_AT_LEAST if name not in self.shrink_order]
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
