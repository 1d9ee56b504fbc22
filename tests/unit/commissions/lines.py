"""The line, credits and programme which the commission tests change a little."""

from dataclasses import replace
from datetime import date
from typing import Any

from channels.commissions.engine.facts import CreditFact, RatedLine
from channels.commissions.engine.programme import Conditions, ProgrammeTerms, Rule

SOLD_ON = date(2026, 3, 15)
LINE = RatedLine(key="100001-1", net_minor=10_000, currency="EUR", sold_on=SOLD_ON)


def line(**changes: Any) -> RatedLine:
    return replace(LINE, **changes)


def credit(partner: str = "A", share_bp: int = 10_000, pool: str = "referral", **more: Any) -> CreditFact:
    return CreditFact(pool=pool, partner=partner, share_bp=share_bp, **more)


def rule(rule_id: str = "r", rate_bp: int = 1_000, type: str = "REFERRAL", **more: Any) -> Rule:
    asked = {name: more.pop(name) for name in list(more) if name in Conditions.__slots__}
    return Rule(id=rule_id, type=type, rate_bp=rate_bp, conditions=Conditions(**asked), **more)


def terms(*rules: Rule, **more: Any) -> ProgrammeTerms:
    return ProgrammeTerms(rules=rules, **more)
