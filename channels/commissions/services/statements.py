"""Closing months for good, and approving the statements that this makes."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.commissions.models import (
    Accrual,
    ClosedMonth,
    LedgerEntry,
    LedgerHead,
    LedgerPosting,
    Statement,
    StatementApproval,
    StatementLine,
)
from channels.commissions.selectors import months
from channels.commissions.services import conversions, holds, locks, statement_drafts
from channels.core.periods import Month

State = Statement.State


class MonthBlocked(Exception):
    """Something of the month is not rated yet, or a rate is missing. The clock waits with it for a few days, and a person until it is done."""


class NotTheNextMonth(Exception):
    """Months are closed one after the other."""


class NotOver(Exception):
    """A month can be closed when it is over."""


class ApprovedAlready(Exception):
    """The same person approved this statement before: the second approval is somebody else's."""


class NeedsAPerson(Exception):
    """Above the limit each approval has a name."""


def close_due(*, now: datetime) -> int:
    """Close every month that ended by `now`, oldest first; return how many statements that made."""
    return sum(len(close_month(month=month, now=now)) for month in months.open_months(now=now))


def waits(*, month: Month, now: datetime) -> bool:
    """Tell whether the clock should wait with a month: something is not rated, and its end is a few days ago only."""
    return now < month.end + months.GRACE and bool(months.blockers(month))


@transaction.atomic
def close_month(*, month: Month, now: datetime, by: AbstractBaseUser | None = None) -> list[Statement]:
    """Release what fell due in the month, state it, and lock the month. A closed month stays as it is.

    Raises NotTheNextMonth; and for a person NotOver, and MonthBlocked while facts of the month are not rated.
    """
    if by and now < month.end:
        raise NotOver(_("%(month)s is not over yet.") % {"month": month})
    head = locks.lock_head()
    if (head.closed_until and head.closed_until >= month.end) or now < month.end:
        return []
    first, left = months.first_open(), months.blockers(month)
    if first and first < month:
        raise NotTheNextMonth(_("%(month)s is closed first.") % {"month": first})
    if by and left:
        raise MonthBlocked(_("Some of %(month)s is not on the books yet.") % {"month": month})
    holds.release_before(end=month.end)
    conversions.convert(month)
    head.refresh_from_db()
    drafts = statement_drafts.drafts(month, head, now)
    Statement.objects.bulk_create(statement for statement, _entries in drafts)
    lines = [(statement, entry) for statement, entries in drafts for entry in entries]
    StatementLine.objects.bulk_create(
        (StatementLine(statement=statement, entry=entry) for statement, entry in lines), batch_size=1_000
    )
    _mark_stated(entry for _statement, entry in lines)
    head.closed_until = month.end
    head.save(update_fields=["closed_until"])
    _keep(month, head, len(drafts), now=now, by=by, left=left)
    return [statement for statement, _entries in drafts]


@transaction.atomic
def approve(*, statement_id: int, at: datetime, by: AbstractBaseUser | None = None, reason: str = "") -> Statement:
    """Approve a closed statement for payment; above the limit two people must. One that is approved stays as it is.

    Raises ApprovedAlready when the same person comes again, and NeedsAPerson above the limit when nobody is named.
    """
    statement = locks.lock_statement(statement_id)
    if statement.state != State.CLOSED:
        return statement
    given = _given(statement)
    if statement.approvals_needed > 1 and by is None:
        raise NeedsAPerson(_("This statement is above the limit: each of the two approvals has a name."))
    if by and by.pk in given:
        raise ApprovedAlready(_("You approved this statement already. The second approval is somebody else's."))
    StatementApproval.objects.create(statement=statement, by_id=by.pk if by else None, at=at, reason=reason)
    if len(given) + 1 < statement.approvals_needed:
        record(verb="statement.first_approval", subject=statement, at=at, actor=by, reason=reason)
        return statement
    statement.state, statement.approved_at, statement.approved_by_id = State.APPROVED, at, by.pk if by else None
    statement.save(update_fields=["state", "approved_at", "approved_by"])
    record(verb="statement.approved", subject=statement, at=at, actor=by, reason=reason)
    return statement


def _given(statement: Statement) -> list[int | None]:
    return list(statement.approvals.values_list("by_id", flat=True))


def follow_payout(*, statement: Statement, to: str) -> None:
    """Move a statement with its payout, and with it those before it whose balance it carries and pays."""
    statement.state = to
    Statement.objects.filter(pk=statement.pk).update(state=to)
    own = Statement.objects.filter(partner=statement.partner_id, currency=statement.currency)
    earlier = own.filter(period_start__lt=statement.period_start)
    asking = earlier.filter(payable_minor__gt=0).order_by("-period_start").first()
    carried = earlier.filter(period_start__gt=asking.period_start) if asking else earlier
    covered = [statement, *carried]
    carried.update(state=State.PAID if to == State.PAID else State.CLOSED)
    conversions.follow_payout(covered, to=to)


def _keep(
    month: Month,
    head: LedgerHead,
    count: int,
    *,
    now: datetime,
    by: AbstractBaseUser | None,
    left: list[months.Blocker],
) -> None:
    closed = ClosedMonth.objects.create(
        starts_on=month.start.date(),
        closed_at=now,
        closed_by_id=by.pk if by else None,
        statements=count,
        chain_head=head.hash,
        chain_sequence=head.sequence,
        left_open=[{"kind": row.kind, "count": row.count} for row in left],
    )
    record(verb="month.closed", subject=closed, at=now, actor=by, data={"statements": count})


def _mark_stated(entries: Iterable[LedgerEntry]) -> None:
    release = LedgerPosting.Kind.RELEASE
    released = sorted({entry.posting.accrual_id or 0 for entry in entries if entry.posting.kind == release})
    for start in range(0, len(released), 500):  # SQLite limits the variables of one query
        some = Accrual.objects.filter(pk__in=released[start : start + 500], state=Accrual.State.PAYABLE)
        some.update(state=Accrual.State.STATED)
