"""Statements as the partner and finance read them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from channels.commissions.models import LedgerEntry, LedgerPosting, Statement, StatementLine
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True)
class DetailLine:
    """One movement of a statement; positive amounts are owed to the partner."""

    entry: LedgerEntry
    amount_minor: int
    kind: str
    kind_label: str
    order_number: str
    title: str
    type: str


def statements(partner: ChannelPartner) -> QuerySet[Statement]:
    """Return the partner's own statements, latest first."""
    return Statement.objects.filter(partner=partner).select_related("partner", "payout").order_by("-period_start")


def statement(partner: ChannelPartner, number: str) -> Statement | None:
    """Return one of the partner's own statements; None for anybody else's."""
    return statements(partner).filter(number=number).first()


def lines(statement: Statement) -> QuerySet[StatementLine]:
    """Return every movement in the order of the ledger. They sum to the statement's movement."""
    return statement.lines.select_related(
        "entry__posting__order", "entry__posting__accrual__line", "entry__posting__payout"
    ).order_by("entry__posting__sequence", "entry__position")


def detail_lines(statement: Statement) -> list[DetailLine]:
    return [detail(line.entry) for line in lines(statement)]


def kinds(statement: Statement) -> list[tuple[str, int]]:
    """Return the label and the sum of each kind of movement."""
    rows = statement.lines.order_by().values_list("entry__posting__kind").annotate(total=Sum("entry__amount_minor"))
    labels = dict(LedgerPosting.Kind.choices)
    return [(str(labels.get(kind, kind)), -total) for kind, total in rows.order_by("entry__posting__kind")]


def totals_by_kind(lines: Iterable[DetailLine]) -> dict[str, int]:
    """Return the movements summed by kind, in the order in which each kind first appears."""
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.kind] = totals.get(line.kind, 0) + line.amount_minor
    return totals


def settling(statement: Statement) -> Statement | None:
    """Return the statement whose payout settles this one: itself, or the next that asks for money; None so far."""
    own = Statement.objects.filter(partner=statement.partner_id, currency=statement.currency, payable_minor__gt=0)
    following = own.filter(period_start__gte=statement.period_start).select_related("partner", "payout")
    return following.order_by("period_start").first()


def detail(entry: LedgerEntry) -> DetailLine:
    posting = entry.posting
    accrual = posting.accrual
    return DetailLine(
        entry=entry,
        amount_minor=-entry.amount_minor,
        kind=posting.kind,
        kind_label=str(posting.get_kind_display()),
        order_number=posting.order.number if posting.order else "",
        title=accrual.line.title if accrual else posting.memo,
        type=accrual.type if accrual else "",
    )
