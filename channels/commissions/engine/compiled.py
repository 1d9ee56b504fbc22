"""A programme made ready for rating: once per version, then for as many orders as there are.

    programme = compile_terms(terms)
    rating = rate_order([(line, credits), ...], programme, before=counters)

Rules are sorted by type and their conditions turned into checks; counters are named so that a caller can lock and read
them before it rates. A simulation keeps its counters in a dict and adds `rating.used` to it after each order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from channels.commissions.engine.facts import CommissionType, CreditFact, RatedLine
from channels.commissions.engine.matching import Check, checks_of
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.engine.rules import BRACKET_KINDS, PERIODS, Limit, Rule

Lines = Sequence[tuple[RatedLine, Sequence[CreditFact]]]

_SCOPES = ("line", "order", "customer", *PERIODS)
# The scopes that reach over several orders, and so need a counter.
COUNTED = ("customer", *PERIODS)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """`limits` go from the narrowest scope to the widest, at each the floor before the cap."""

    rule: Rule
    checks: tuple[tuple[str, Check], ...]
    steps: Mapping[str, tuple[tuple[int, int], ...]]
    limits: tuple[Limit, ...]
    is_counted: bool
    win_back_days: int | None

    @classmethod
    def of(cls, rule: Rule, terms: ProgrammeTerms) -> CompiledRule:
        currencies = rule.brackets[0].from_minor if rule.brackets else ()
        ordered = sorted(rule.limits, key=lambda limit: (_SCOPES.index(limit.per), limit.kind == "cap"))
        return cls(
            rule=rule,
            checks=checks_of(rule, win_back_days=terms.win_back_days, holdout_bp=terms.holdout_bp),
            steps={name: tuple((one.from_minor[name], one.rate_bp) for one in rule.brackets) for name in currencies},
            limits=tuple(ordered),
            is_counted=rule.rate_kind in BRACKET_KINDS or any(limit.per in COUNTED for limit in ordered),
            win_back_days=terms.win_back_days,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """The terms, and what rating looks up in them."""

    terms: ProgrammeTerms
    by_type: Mapping[str, tuple[CompiledRule, ...]]
    shrink_order: tuple[str, ...]
    is_counted: bool
    keeps_rates: bool


def compile_terms(terms: ProgrammeTerms) -> Programme:
    by_type: dict[str, list[CompiledRule]] = {}
    for rule in terms.rules:
        by_type.setdefault(rule.type, []).append(CompiledRule.of(rule, terms))
    every_type = (item.value for item in CommissionType)
    return Programme(
        terms=terms,
        by_type={kind: tuple(rules) for kind, rules in by_type.items()},
        # Types the published order does not name come last, so that the cap always holds.
        shrink_order=tuple(dict.fromkeys([*terms.shrink_order, *every_type])),
        is_counted=any(rule.is_counted for rules in by_type.values() for rule in rules),
        keeps_rates=any(rule.renewal_rate == "frozen" for rule in terms.rules),
    )


def counters_of(lines: Lines, programme: Programme) -> frozenset[str]:
    """Return every counter that rating these lines may ask: rather one too many, for the caller locks them all."""
    if not programme.is_counted:
        return frozenset()
    rules = [rule for group in programme.by_type.values() for rule in group if rule.is_counted]
    return frozenset(
        name for line, credits in lines for credit in credits for rule in rules for name in _names(rule, line, credit)
    )


def base_counter(rule: Rule, line: RatedLine, partner: str) -> str:
    """Name what a partner's brackets count: its base under this rule in the period of the order's date."""
    return f"base:{rule.id}:{partner}:{line.currency}:{period_of(line.sold_on, rule.bracket_period)}"


def paid_counter(rule: Rule, per: str, line: RatedLine, partner: str) -> str:
    """Name what a limit counts: what the rule pays a partner, for a customer or in a period."""
    scope = f"customer {line.customer}" if per == "customer" else period_of(line.sold_on, per)
    return f"paid:{rule.id}:{partner}:{line.currency}:{scope}"


def period_of(day: date, period: str) -> str:
    """Name the calendar month, quarter or year of a day."""
    if period == "month":
        return f"{day.year}-{day.month:02d}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if period == "quarter" else str(day.year)


def _names(compiled: CompiledRule, line: RatedLine, credit: CreditFact) -> Iterable[str]:
    rule = compiled.rule
    if compiled.steps:
        yield base_counter(rule, line, credit.partner)
    for limit in compiled.limits:
        if limit.per in COUNTED:
            yield paid_counter(rule, limit.per, line, credit.partner)
