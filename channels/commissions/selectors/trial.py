"""A draft tried on one order: line by line what was posted, what the draft would pay, and why it pays nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from channels.commissions.engine.compiled import compile_terms
from channels.commissions.engine.facts import RatingSkip, Target
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.engine.rating import rate_order
from channels.commissions.engine.simulation import PastOrder
from channels.commissions.selectors import rating_words
from channels.commissions.selectors.payment import DECIDES, paid_since
from channels.commissions.selectors.replay import one_order
from channels.journeys.models import OrderLine, OrderRecord
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One partner's commission of one type on one line; `skipped` are the rules that were passed over."""

    partner: ChannelPartner
    type: str
    then_minor: int
    now_minor: int
    target: Target | None
    skipped: tuple[RatingSkip, ...]

    @property
    def explanation(self) -> str:
        return rating_words.target(self.target) if self.target else ""

    @property
    def skips(self) -> list[str]:
        return [rating_words.skip(skip) for skip in self.skipped]


@dataclass(frozen=True, slots=True)
class TrialLine:
    line: OrderLine
    rows: tuple[TrialRow, ...]

    @property
    def then_minor(self) -> int:
        return sum(row.then_minor for row in self.rows)

    @property
    def now_minor(self) -> int:
        return sum(row.now_minor for row in self.rows)


@dataclass(frozen=True, slots=True)
class Trial:
    order: OrderRecord
    is_paid: bool
    lines: tuple[TrialLine, ...]

    @property
    def then_minor(self) -> int:
        return sum(line.then_minor for line in self.lines)

    @property
    def now_minor(self) -> int:
        return sum(line.now_minor for line in self.lines)


def try_order(number: str, terms: ProgrammeTerms, *, partner_id: int | None = None) -> Trial | None:
    """Rate one order under a draft; None when there is no such order. With a partner, its own rows alone.

    Brackets and limits of a period begin at nothing here: an order tried alone knows no others.
    """
    past = one_order(number)
    if past is None:
        return None
    order = OrderRecord.objects.select_related("company").get(pk=past.id)
    rating = rate_order(past.lines, compile_terms(terms), origin=past.origin)
    found: dict[tuple[str, str, str], TrialRow] = {}
    partners = _partners(past)
    targets = {(target.line_key, target.partner, str(target.type)): target for target in rating.targets}
    skips: dict[tuple[str, str, str], list[RatingSkip]] = {}
    for skip in rating.skipped:
        skips.setdefault((skip.line_key, skip.partner, str(skip.type)), []).append(skip)
    for key in sorted(targets.keys() | past.posted.keys() | skips.keys()):
        target = targets.get(key)
        found[key] = TrialRow(
            partner=partners[key[1]],
            type=key[2],
            then_minor=past.posted.get(key, 0),
            now_minor=target.amount_minor if target else 0,
            target=target,
            skipped=tuple(skips.get(key, ())),
        )
    return Trial(order, _is_paid(order), tuple(_lines(order, found, partner_id)))


def _lines(
    order: OrderRecord, found: dict[tuple[str, str, str], TrialRow], partner_id: int | None
) -> Sequence[TrialLine]:
    lines = []
    for line in order.lines.all():
        rows = tuple(row for key, row in found.items() if key[0] == line.key and partner_id in (None, row.partner.pk))
        if rows or partner_id is None:
            lines.append(TrialLine(line, rows))
    return lines


def _partners(past: PastOrder) -> dict[str, ChannelPartner]:
    keys = {credit.partner for _, shares in past.lines for credit in shares} | {key[1] for key in past.posted}
    known = ChannelPartner.objects.in_bulk({int(key) for key in keys})
    return {key: known[int(key)] for key in keys}


def _is_paid(order: OrderRecord) -> bool:
    return paid_since(order.events.filter(kind__in=DECIDES)) is not None
