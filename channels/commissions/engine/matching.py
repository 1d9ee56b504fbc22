"""Does a rule pay this credit? Conditions become checks once per programme; the first that fails is the answer given.

A check returns None when it holds, else the facts of its refusal. Codes and facts are data: `wording.py` has the English
sentences, the portal its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from channels.commissions.engine.conditions import Conditions
from channels.commissions.engine.facts import CreditFact, RatedLine, Told
from channels.commissions.engine.renewals import is_held_out
from channels.commissions.engine.rules import BRACKET_KINDS, FLAT_KINDS, Rule
from channels.core.periods import add_months

Check = Callable[[RatedLine, CreditFact], "Told | None"]
Refusal = tuple[str, Told]


def checks_of(rule: Rule, *, win_back_days: int | None = None, holdout_bp: int = 0) -> tuple[tuple[str, Check], ...]:
    """Return what the rule asks, with the code of each refusal, in the order in which it is asked."""
    asked, pause = rule.conditions, win_back_days
    found = [*_lists(asked), *_ranges(asked), *_of_business(asked, pause), *_of_dates(asked), *_of_stewards(asked)]
    if rule.first_sale_only:
        found.append(("not_first_sale", _holds(lambda line, _: business_of(line, pause) == "first")))
    if rule.duration_months is not None:
        found.append(("outside_duration", _within(rule.duration_months, pause)))
    if rule.base == "uplift":
        found.append(("held_out", _holds(lambda line, _: not is_held_out(line.customer, holdout_bp))))
    amounts = [limit.amount_minor for limit in rule.limits]
    if rule.rate_kind in FLAT_KINDS:
        amounts.append(rule.flat_minor)
    if rule.rate_kind in BRACKET_KINDS:
        amounts += [bracket.from_minor for bracket in rule.brackets]
    if amounts:
        common = frozenset.intersection(*(frozenset(one) for one in amounts))
        found.append(("other_currency", _one_of(tuple(sorted(common)), lambda line, _: line.currency)))
    return tuple(found)


def business_of(line: RatedLine, win_back_days: int | None) -> str:
    """Return first, expansion or renewal. A contract that began again is new after a long pause, else a renewal."""
    if line.lapses and line.lapses[-1][0] == line.sold_on and win_back_days is not None:
        return "first" if line.lapses[-1][1] >= win_back_days else "renewal"
    return line.business or ("renewal" if line.cycle > 0 else "first")


def anchor_of(line: RatedLine, win_back_days: int | None) -> date:
    """Return the day from which durations and steps count: the first order, or the last win-back after it."""
    if line.lapses and win_back_days is not None:
        for began, pause in reversed(line.lapses):
            if pause >= win_back_days:
                return began
    return line.anchor_on or line.sold_on


def _lists(asked: Conditions) -> list[tuple[str, Check]]:
    single: tuple[tuple[str, tuple[str, ...], Callable[[RatedLine, CreditFact], str]], ...] = (
        ("other_product_class", asked.product_classes, lambda line, _: line.product_class),
        ("other_sku", asked.skus, lambda line, _: line.sku),
        ("other_segment", asked.segments, lambda line, _: line.segment),
        ("other_partner_kind", asked.partner_kinds, lambda _, credit: credit.kind),
        ("other_tier", asked.tiers, lambda _, credit: credit.tier),
        ("other_role", asked.roles, lambda _, credit: credit.role),
        ("other_channel", asked.channels, lambda line, _: line.channel),
        ("other_country", asked.countries, lambda line, _: line.country),
    )
    several: tuple[tuple[str, tuple[str, ...], Callable[[RatedLine, CreditFact], tuple[str, ...]]], ...] = (
        ("other_category", asked.categories, lambda line, _: line.categories),
        ("not_certified", asked.certifications, lambda _, credit: credit.certifications),
        ("other_campaign", asked.campaigns, lambda _, credit: credit.campaigns),
    )
    found = [(code, _one_of(wanted, read)) for code, wanted, read in single if wanted]
    return found + [(code, _any_of(wanted, read)) for code, wanted, read in several if wanted]


def _ranges(asked: Conditions) -> list[tuple[str, Check]]:
    found: list[tuple[str, Check]] = []
    if asked.min_term_months:
        found.append(("term_too_short", _at_least(asked.min_term_months, lambda line: line.term_months)))
    if asked.max_term_months is not None:
        found.append(("term_too_long", _at_most(asked.max_term_months, lambda line: line.term_months)))
    if asked.min_quantity:
        found.append(("too_few", _at_least(asked.min_quantity, _sold_quantity)))
    if asked.max_quantity is not None:
        found.append(("too_many", _at_most(asked.max_quantity, _sold_quantity)))
    return found


def _of_business(asked: Conditions, win_back_days: int | None) -> list[tuple[str, Check]]:
    found: list[tuple[str, Check]] = []
    if asked.cycle != "any":
        wanted = ("first", "expansion") if asked.cycle == "new" else (asked.cycle,)
        found.append(("other_cycle", _cycle(asked.cycle, frozenset(wanted), win_back_days)))
    if asked.acquired != "any":
        found.append(("other_acquisition", _one_of((asked.acquired,), lambda line, _: line.acquired)))
    if asked.deal_registered != "any":
        code = "no_deal" if asked.deal_registered == "yes" else "deal_registered"
        found.append((code, _holds(lambda line, _: line.deal_registered is (asked.deal_registered == "yes"))))
    if asked.own_territory != "any":
        code = "outside_territory" if asked.own_territory == "yes" else "inside_territory"
        found.append((code, _holds(lambda _, credit: credit.own_territory is (asked.own_territory == "yes"))))
    return found


def _of_dates(asked: Conditions) -> list[tuple[str, Check]]:
    found: list[tuple[str, Check]] = []
    if (first := asked.ordered_from) is not None:
        found.append(("too_early", _dated(lambda day: first <= day, first)))
    if (end := asked.ordered_until) is not None:
        found.append(("too_late", _dated(lambda day: day < end, end)))
    return found


def _of_stewards(asked: Conditions) -> list[tuple[str, Check]]:
    found: list[tuple[str, Check]] = []
    if asked.steward_accepted:
        found.append(("not_accepted", _holds(lambda _, credit: credit.steward_accepted)))
    if days := asked.activity_days:
        found.append(("no_activity", _active(days)))
    return found


def _one_of(wanted: tuple[str, ...], read: Callable[[RatedLine, CreditFact], str]) -> Check:
    among = frozenset(wanted)

    def check(line: RatedLine, credit: CreditFact) -> Told | None:
        value = read(line, credit)
        return None if value in among else {"wanted": wanted, "actual": (value,) if value else ()}

    return check


def _any_of(wanted: tuple[str, ...], read: Callable[[RatedLine, CreditFact], tuple[str, ...]]) -> Check:
    among = frozenset(wanted)

    def check(line: RatedLine, credit: CreditFact) -> Told | None:
        values = read(line, credit)
        return {"wanted": wanted, "actual": values} if among.isdisjoint(values) else None

    return check


def _holds(test: Callable[[RatedLine, CreditFact], bool]) -> Check:
    return lambda line, credit: None if test(line, credit) else {}


def _at_least(low: int, read: Callable[[RatedLine], int]) -> Check:
    return lambda line, _: None if read(line) >= low else {"wanted": low, "actual": read(line)}


def _at_most(high: int, read: Callable[[RatedLine], int]) -> Check:
    return lambda line, _: None if read(line) <= high else {"wanted": high, "actual": read(line)}


def _dated(test: Callable[[date], bool], bound: date) -> Check:
    told = bound.isoformat()
    return lambda line, _: None if test(line.sold_on) else {"wanted": told, "actual": line.sold_on.isoformat()}


def _cycle(wanted: str, among: frozenset[str], win_back_days: int | None) -> Check:
    def check(line: RatedLine, credit: CreditFact) -> Told | None:
        actual = business_of(line, win_back_days)
        if actual in among:
            return None
        return {"wanted": wanted, "actual": "new" if wanted == "renewal" else actual}

    return check


def _active(days: int) -> Check:
    def check(line: RatedLine, credit: CreditFact) -> Told | None:
        ago = credit.activity_days_ago
        return None if ago is not None and ago <= days else {"wanted": days}

    return check


def _within(months: int, win_back_days: int | None) -> Check:
    def check(line: RatedLine, credit: CreditFact) -> Told | None:
        anchor = anchor_of(line, win_back_days)
        if anchor <= line.sold_on < add_months(anchor, months):
            return None
        return {"months": months, "anchor": anchor.isoformat()}

    return check


def _sold_quantity(line: RatedLine) -> int:
    return line.quantity if line.sold_quantity is None else line.sold_quantity
