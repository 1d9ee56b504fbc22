"""Where a partner's commission went: statements, their movements, and the payouts that settle them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, QuerySet, Sum

from channels.commissions.models import LedgerEntry, LedgerPosting, Statement, StatementLine
from channels.commissions.selectors.balances import STATED_ACCOUNTS
from channels.commissions.selectors.statements import statements
from channels.journeys.models import OrderLine, OrderRecord
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a statement, and of the ledger: positive amounts are owed to the partner."""

    entry: LedgerEntry
    amount_minor: int
    kind: str
    order: OrderRecord | None
    line: OrderLine | None
    type: str
    reference: str

    @property
    def booked_at(self) -> datetime:
        return self.entry.posting.booked_at


@dataclass(frozen=True, slots=True)
class Settlement:
    """A statement that holds some of an order's commission, and the statement whose payout settles it."""

    statement: Statement
    settled_by: Statement | None


def movement_rows(statement: Statement, *, kind: str = "", query: str = "") -> QuerySet[StatementLine]:
    """Return the lines of a statement in the order of the ledger, of one kind or of some orders where asked."""
    lines = StatementLine.objects.filter(statement=statement)
    if kind:
        lines = lines.filter(entry__posting__kind=kind)
    if query:
        lines = lines.filter(entry__posting__order__number__icontains=query)
    return lines.select_related(
        "entry__posting__order__company", "entry__posting__accrual__line", "entry__posting__payout"
    ).order_by("entry__posting__sequence", "entry__position")


def movement(line: StatementLine) -> Movement:
    return _movement(line.entry)


def totals_by_kind(statement: Statement) -> dict[str, int]:
    """Return what each kind of movement came to, in the order in which it first appears."""
    lines = StatementLine.objects.filter(statement=statement).order_by().values_list("entry__posting__kind")
    rows = lines.annotate(total=Sum("entry__amount_minor"), first=Min("entry__posting__sequence"))
    return {kind: -total for kind, total, _first in sorted(rows, key=lambda row: row[2])}


def released(partner: ChannelPartner, order: OrderRecord) -> list[LedgerEntry]:
    """Return what became payable of an order, in the order in which it did."""
    found = LedgerEntry.objects.filter(
        partner=partner, posting__order=order, posting__kind=LedgerPosting.Kind.RELEASE, account__in=STATED_ACCOUNTS
    )
    return list(found.select_related("posting").order_by("posting__booked_at", "posting__sequence"))


def settlements(partner: ChannelPartner, order: OrderRecord) -> list[Settlement]:
    """Return the statements that hold some of an order's commission; a balance carried over is paid with a later one."""
    own = list(statements(partner).filter(currency=order.currency).prefetch_related("payout__attempts").reverse())
    holding = set(
        StatementLine.objects.filter(
            statement__partner=partner, entry__partner=partner, entry__posting__order=order
        ).values_list("statement_id", flat=True)
    )
    return [Settlement(row, settling(row, own)) for row in own if row.pk in holding]


def settling(statement: Statement, own: Iterable[Statement]) -> Statement | None:
    """Return the statement that pays what this one owes: itself, or the next that asks for money; None if none does.

    `own` are the partner's, oldest first. A statement that closes at nothing, or below, owes nothing to be paid.
    """
    if statement.closing_minor <= 0:
        return None
    return next(
        (
            row
            for row in own
            if row.currency == statement.currency
            and row.period_start >= statement.period_start
            and row.payable_minor > 0
        ),
        None,
    )


def _movement(entry: LedgerEntry) -> Movement:
    posting = entry.posting
    accrual = posting.accrual
    return Movement(
        entry=entry,
        amount_minor=-entry.amount_minor,
        kind=posting.kind,
        order=posting.order,
        line=accrual.line if accrual else None,
        type=accrual.type if accrual else "",
        reference=posting.memo if posting.payout_id else "",
    )
