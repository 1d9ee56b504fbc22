"""What each credit of an order should have earned by now, under one programme version.

A pure function of the order's facts and of what its counters held before it: rate again after a refund, and delta.py
posts the difference. To rate many orders under one version, compile it once (compiled.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from channels.commissions.engine.brackets import added, reached_rate
from channels.commissions.engine.compiled import (
    COUNTED,
    CompiledRule,
    Lines,
    Programme,
    base_counter,
    compile_terms,
    paid_counter,
)
from channels.commissions.engine.earning import Earning, by_rule_and_partner
from channels.commissions.engine.facts import (
    TYPE_OF_POOL,
    CommissionType,
    CreditFact,
    RatedLine,
    Rating,
    RatingSkip,
)
from channels.commissions.engine.limits import apply_rule_limits, apply_total_cap, take_overrides_inside
from channels.commissions.engine.matching import Refusal, anchor_of
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.engine.renewals import upgrade_parts, uplift_minor
from channels.core.allocation import allocate
from channels.core.money import BASIS, divide_half_up, share_of
from channels.core.periods import add_months
from channels.core.roles import role_rank

# A bonus goes to a partner's first credit on the line in this order. A distributor sells nothing itself.
_BONUS_POOLS = {"resale": 0, "referral": 1, "renewal": 2, "influence": 3}
_MOST_KNOWN = 64
_known: dict[int, tuple[ProgrammeTerms, Programme]] = {}


def rate_line(line: RatedLine, shares: Sequence[CreditFact], terms: ProgrammeTerms | Programme) -> Rating:
    """Rate an order of one line, with empty counters."""
    return rate_order([(line, shares)], terms)


def rate_order(
    lines: Lines,
    terms: ProgrammeTerms | Programme,
    *,
    before: Mapping[str, int] | None = None,
    origin: ProgrammeTerms | Programme | None = None,
) -> Rating:
    """Rate the lines of one order together.

    `before` is what the counters of `counters_of` hold without this order. `origin` is the programme in force at the
    anchor, for rules that keep its rate.
    """
    programme = compiled(terms)
    first = compiled(origin) if origin and programme.keeps_rates else None
    counted = before or {}
    skipped: list[RatingSkip] = []
    by_line = [_earnings(line, shares, programme, first, skipped) for line, shares in lines]
    every = [one for found in by_line for one in found]
    _price_orders(every)
    used = _price_brackets(every, counted) if programme.is_counted else {}
    for one in every:
        one.raw = one.amount
    apply_rule_limits(every, counted)
    for found in by_line:
        if programme.terms.override == "inside":
            take_overrides_inside(found)
        apply_total_cap(found, programme)
    if programme.is_counted:
        _count_paid(every, used)
    skipped += [_nothing_left(one) for one in every if one.cuts and not one.amount and one.raw]
    skipped += [_rejected(one) for one in every if one.credit.rejected]
    skipped += [
        _of_unknown_cost(one) for one in every if not (one.amount or one.line.is_cost_known) and one.is_of_margin
    ]
    return Rating(tuple([one.target() for one in every if not one.credit.rejected]), tuple(skipped), used)


def compiled(terms: ProgrammeTerms | Programme) -> Programme:
    """Compile terms once while they are in use, so that callers need not think of it."""
    if isinstance(terms, Programme):
        return terms
    known = _known.get(id(terms))
    if known is None or known[0] is not terms:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        known = _known[id(terms)] = (terms, compile_terms(terms))
    return known[1]


def _earnings(
    line: RatedLine,
    shares: Sequence[CreditFact],
    programme: Programme,
    origin: Programme | None,
    skipped: list[RatingSkip],
) -> list[Earning]:
    _check(line, shares)
    ranked = sorted(shares, key=lambda credit: (credit.pool, role_rank(credit.role), credit.partner))
    pools: dict[str, list[CreditFact]] = {}
    for credit in ranked:
        pools.setdefault(credit.pool, []).append(credit)
    found: list[Earning] = []
    for pool, members in pools.items():
        for kind, net, margin in _parts(line, pool, programme):
            parts = _shares_of(net, members)
            for place, credit in enumerate(members):
                one = _earning(line, credit, kind, programme, skipped, (members, place, parts[place], margin))
                if one is not None:
                    _price(one, programme, origin)
                    found.append(one)
    if CommissionType.BONUS in programme.by_type:
        found += _bonuses(line, pools, programme, skipped)
    return found


def _check(line: RatedLine, shares: Sequence[CreditFact]) -> None:
    if line.net_minor < 0:
        raise ValueError(f"{line.key}: the net left after refunds must not be negative: {line.net_minor}")
    totals: dict[str, int] = {}
    for credit in shares:
        totals[credit.pool] = totals.get(credit.pool, 0) + credit.share_bp
    if len({(credit.pool, credit.partner) for credit in shares}) != len(shares):
        raise ValueError(f"{line.key}: a partner has two credits in one pool")
    for pool, total in totals.items():
        if pool not in TYPE_OF_POOL:
            raise ValueError(f"{line.key}: {pool!r} is not a pool")
        if total not in (0, BASIS):
            raise ValueError(f"{line.key}: shares of pool {pool} sum to {total} bp, not to {BASIS} or 0")


def _parts(line: RatedLine, pool: str, programme: Programme) -> list[tuple[str, int, int]]:
    """Return what a pool pays as which type: (type, net, margin).

    A renewal for more than the term before is an expansion as to the rest, where the programme has a rule for that.
    """
    kind, net = str(TYPE_OF_POOL[pool]), line.net_minor
    margin = max(0, net - line.cost_minor)
    previous, sold = line.previous_net_minor, _sold_net(line)
    if kind != CommissionType.RENEWAL or previous is None or sold <= previous:
        return [(kind, net, margin)]
    if CommissionType.EXPANSION not in programme.by_type:
        return [(kind, net, margin)]
    renewal, expansion = upgrade_parts(net, sold, previous)
    margins = upgrade_parts(margin, sold, previous)
    return [(kind, renewal, margins[0]), (str(CommissionType.EXPANSION), expansion, margins[1])]


def _sold_net(line: RatedLine) -> int:
    return line.net_minor if line.sold_net_minor is None else line.sold_net_minor


def _shares_of(amount_minor: int, members: Sequence[CreditFact]) -> list[int]:
    """By largest remainder, so the bases of a pool add up to the whole line."""
    if len(members) == 1 and members[0].share_bp:
        return [amount_minor]
    return allocate(amount_minor, [credit.share_bp for credit in members])


def _bonuses(
    line: RatedLine, pools: Mapping[str, Sequence[CreditFact]], programme: Programme, skipped: list[RatingSkip]
) -> list[Earning]:
    """On top, once per partner and line: for the first of its credits that sold something."""
    margin = max(0, line.net_minor - line.cost_minor)
    served: set[str] = set()
    found: list[Earning] = []
    for pool in sorted(pools.keys() & _BONUS_POOLS.keys(), key=_BONUS_POOLS.__getitem__):
        members = pools[pool]
        parts = _shares_of(line.net_minor, members)
        for place, credit in enumerate(members):
            if credit.partner in served:
                continue
            served.add(credit.partner)
            held = (members, place, parts[place], margin)
            one = _earning(line, credit, str(CommissionType.BONUS), programme, skipped, held)
            if one is not None:
                _price(one, programme, None)
                found.append(one)
    return found


def _earning(
    line: RatedLine,
    credit: CreditFact,
    kind: str,
    programme: Programme,
    skipped: list[RatingSkip],
    held: tuple[Sequence[CreditFact], int, int, int],
) -> Earning | None:
    """Return what the first matching rule pays, still without its amount."""
    members, place, net, margin = held
    rules = programme.by_type.get(kind, ())
    if not rules:
        skipped.append(RatingSkip(line.key, credit.partner, kind, "", "no_rule"))
    for compiled in rules:
        refusal = _refusal(compiled, line, credit)
        if refusal is not None:
            skipped.append(RatingSkip(line.key, credit.partner, kind, compiled.rule.id, *refusal))
            continue
        base = net
        if compiled.rule.base == "margin":
            base = _shares_of(margin, members)[place]
        elif compiled.rule.base == "uplift":
            base = uplift_minor(net, credit.renewal_rate_bp, credit.baseline_rate_bp)
        shares = [member.share_bp for member in members]
        return Earning(line=line, credit=credit, kind=kind, compiled=compiled, base=base, shares=shares, place=place)
    return None


def _refusal(compiled: CompiledRule, line: RatedLine, credit: CreditFact) -> Refusal | None:
    for code, check in compiled.checks:
        told = check(line, credit)
        if told is not None:
            return code, told
    return None


def _price(one: Earning, programme: Programme, origin: Programme | None) -> None:
    rule, line = one.compiled.rule, one.line
    if rule.rate_kind == "percent":
        one.rate_bp = _rate(one, origin)
        one.amount = share_of(one.base, one.rate_bp)
    elif rule.rate_kind == "per_unit":
        one.flat = rule.flat_minor[line.currency]
        # Money given back without the goods leaves units behind, but nothing to pay them from once all of it is back.
        one.amount = one.part_of(one.flat * line.quantity) if line.net_minor else 0


def _rate(one: Earning, origin: Programme | None) -> int:
    rule, line = one.compiled.rule, one.line
    if rule.renewal_rate == "frozen" and origin is not None:
        for compiled in origin.by_type.get(one.type, ()):
            if compiled.rule.rate_kind == "percent" and _refusal(compiled, line, one.credit) is None:
                return _stepped(compiled, line)
    return _stepped(one.compiled, line)


def _stepped(compiled: CompiledRule, line: RatedLine) -> int:
    rate = compiled.rule.rate_bp
    if not compiled.rule.step_down:
        return rate
    anchor = anchor_of(line, compiled.win_back_days)
    for step in compiled.rule.step_down:
        if line.sold_on < add_months(anchor, step.after_months):
            break
        rate = step.rate_bp
    return rate


def _price_orders(every: Sequence[Earning]) -> None:
    """A flat amount per order goes over its lines by what they were sold for; a refund takes its part along."""
    by_rule: dict[str, dict[str, list[Earning]]] = {}
    for one in every:
        if one.compiled.rule.rate_kind == "per_order":
            by_rule.setdefault(one.compiled.rule.id, {}).setdefault(one.line.key, []).append(one)
    for groups in by_rule.values():
        weights = [_sold_net(group[0].line) for group in groups.values()]
        first = next(iter(groups.values()))[0]
        whole = first.compiled.rule.flat_minor[first.line.currency]
        for group, sold, part in zip(groups.values(), weights, allocate(whole, weights), strict=True):
            left = divide_half_up(part * group[0].line.net_minor, sold) if sold else 0
            for one in group:
                one.flat, one.amount = whole, one.part_of(left)


def _price_brackets(every: Sequence[Earning], before: Mapping[str, int]) -> dict[str, int]:
    """Price an order's lines of one rule and partner as one base; return what the counters hold of it."""
    used: dict[str, int] = {}
    for group in by_rule_and_partner(one for one in every if one.compiled.steps).values():
        first = group[0]
        rule, steps = first.compiled.rule, first.compiled.steps[first.line.currency]
        name = base_counter(rule, first.line, first.credit.partner)
        counted, bases = before.get(name, 0), [one.base for one in group]
        used[name] = sum(bases)
        total = added(rule.rate_kind, steps, before_minor=counted, base_minor=used[name])
        rate = reached_rate(steps, counted + used[name])
        for one, amount in zip(group, allocate(total, bases), strict=True):
            one.amount, one.rate_bp, one.counted = amount, rate, counted
    return used


def _count_paid(every: Sequence[Earning], used: dict[str, int]) -> None:
    for one in every:
        for per in {limit.per for limit in one.compiled.limits if limit.per in COUNTED}:
            name = paid_counter(one.compiled.rule, per, one.line, one.credit.partner)
            used[name] = used.get(name, 0) + one.amount


def _rejected(one: Earning) -> RatingSkip:
    return RatingSkip(one.line.key, one.credit.partner, one.type, one.compiled.rule.id, "rejected")


def _of_unknown_cost(one: Earning) -> RatingSkip:
    return RatingSkip(one.line.key, one.credit.partner, one.type, one.compiled.rule.id, "unknown_cost")


def _nothing_left(one: Earning) -> RatingSkip:
    """A limit that leaves nothing is told like a condition that fails."""
    cut = next(found for found in one.cuts if not found.after_minor)
    facts: dict[str, str | int] = {"limit_minor": cut.limit_minor, "currency": one.line.currency}
    if cut.reason == "total_cap":
        facts["share_bp"] = cut.limit_bp
    return RatingSkip(one.line.key, one.credit.partner, one.type, one.compiled.rule.id, cut.reason, facts)
