"""What one credit earns on one line while it is being computed: the one mutable thing of a rating."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from channels.commissions.engine.compiled import CompiledRule
from channels.commissions.engine.facts import CreditFact, Cut, RatedLine, Target
from channels.core.allocation import allocate


class Earning:
    """`shares` are those of all credits of the pool, and `place` is this credit's among them."""

    __slots__ = (
        "amount", "base", "compiled", "counted", "credit", "cuts", "flat", "line", "place", "rate_bp", "raw", "shares",
        "type",
    )  # fmt: skip

    def __init__(
        self, *, line: RatedLine, credit: CreditFact, kind: str, compiled: CompiledRule, base: int,
        shares: Sequence[int], place: int,
    ) -> None:  # fmt: skip
        self.line = line
        self.credit = credit
        self.type = kind
        self.compiled = compiled
        self.base = base
        self.shares = shares
        self.place = place
        self.rate_bp = self.amount = self.raw = self.flat = self.counted = 0
        self.cuts: tuple[Cut, ...] = ()

    @property
    def is_of_margin(self) -> bool:
        return self.compiled.rule.base == "margin"

    def part_of(self, whole: int) -> int:
        """Return this credit's part of an amount for the line, so that the parts of the pool add up to it."""
        return whole if len(self.shares) == 1 else allocate(whole, self.shares)[self.place]

    def change(self, amount: int, reason: str, limit: int, *, limit_bp: int = 0, before: int = 0) -> None:
        if amount != self.amount:
            self.amount = amount
            self.cuts += (Cut(reason, limit, amount, limit_bp, before),)

    def target(self) -> Target:
        rule = self.compiled.rule
        return Target(
            line_key=self.line.key,
            partner=self.credit.partner,
            type=self.type,
            rule_id=rule.id,
            base_minor=self.base,
            rate_bp=self.rate_bp,
            amount_minor=self.amount,
            currency=self.line.currency,
            held_for_review=self.credit.held_for_review,
            uncapped_minor=self.raw,
            pool=self.credit.pool,
            label=rule.label,
            base_kind=rule.base,
            rate_kind=rule.rate_kind,
            share_bp=self.credit.share_bp,
            counted_minor=self.counted,
            flat_minor=self.flat,
            cuts=self.cuts,
        )


def by_rule_and_partner(earnings: Iterable[Earning]) -> Mapping[tuple[str, str], list[Earning]]:
    """Return the earnings of one rule and partner over all lines of an order, in the order of the lines."""
    groups: dict[tuple[str, str], list[Earning]] = {}
    for one in earnings:
        groups.setdefault((one.compiled.rule.id, one.credit.partner), []).append(one)
    return groups
