"""Closing months: what became payable, what was taken back and what was paid, per partner and currency."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import cast

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Min

from channels.audit.services import record
from channels.commissions.engine import statements as engine
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import (
    Accrual,
    LedgerEntry,
    LedgerHead,
    LedgerPosting,
    RatingRun,
    Statement,
    StatementLine,
)
from channels.commissions.selectors.balances import STATED_ACCOUNTS
from channels.commissions.selectors.programmes import in_force, terms_of
from channels.commissions.services import holds, locks
from channels.core.periods import Month, months_between
from channels.partners.models import ChannelPartner

Owner = tuple[int, str]  # partner, currency


def close_due(*, now: datetime) -> int:
    """Close every month that ended by `now`, oldest first; return how many statements that made."""
    return sum(len(close_month(month=month, now=now)) for month in open_months(now=now))


def open_months(*, now: datetime) -> Iterator[Month]:
    """Return the months that ended by `now` and are not closed, oldest first; none before the first fact."""
    head = LedgerHead.objects.filter(pk=1).first()
    waiting = RatingRun.objects.exclude(state=RatingRun.State.DONE)
    starts = [
        head.closed_until if head else None,
        None if head and head.closed_until else LedgerPosting.objects.aggregate(at=Min("booked_at"))["at"],
        None if head and head.closed_until else waiting.aggregate(at=Min("created_at"))["at"],
    ]
    first = min((start for start in starts if start), default=None)
    return iter(()) if first is None else months_between(Month.of(first), Month.of(now))


@transaction.atomic
def close_month(*, month: Month, now: datetime) -> list[Statement]:
    """Release what fell due in the month, state it, and lock the month. A closed month stays as it is."""
    head = locks.lock_head()
    if (head.closed_until and head.closed_until >= month.end) or now < month.end:
        return []
    holds.release_before(end=month.end)
    head.refresh_from_db()
    drafts = _drafts(month, head, now)
    Statement.objects.bulk_create(statement for statement, _ in drafts)
    lines = [(statement, entry) for statement, entries in drafts for entry in entries]
    StatementLine.objects.bulk_create(StatementLine(statement=statement, entry=entry) for statement, entry in lines)
    _mark_stated(entry for _, entry in lines)
    head.closed_until = month.end
    head.save(update_fields=["closed_until"])
    return [statement for statement, _ in drafts]


@transaction.atomic
def approve(*, statement_id: int, at: datetime, by: AbstractBaseUser | None = None, reason: str = "") -> Statement:
    """Approve a closed statement for payment. One that is approved, or paid, stays as it is."""
    statement = locks.lock_statement(statement_id)
    if statement.state != Statement.State.CLOSED:
        return statement
    statement.state, statement.approved_at, statement.approved_by_id = (
        Statement.State.APPROVED,
        at,
        by.pk if by else None,
    )
    statement.save(update_fields=["state", "approved_at", "approved_by"])
    record(verb="statement.approved", subject=statement, at=at, actor=by, reason=reason)
    return statement


def _drafts(month: Month, head: LedgerHead, now: datetime) -> list[tuple[Statement, list[LedgerEntry]]]:
    """Return an unsaved statement, with its entries, for each partner and currency that something moved for."""
    entries = _unstated(month)
    earlier, settled = _earlier_statements(), _settled(month)
    version = in_force(at=month.end - timedelta(microseconds=1))
    terms = terms_of(version) if version else ProgrammeTerms()
    drafts: list[tuple[Statement, list[LedgerEntry]]] = []
    for partner_id, currency in sorted({(entry.partner_id or 0, entry.currency) for entry in entries}):
        own = [entry for entry in entries if (entry.partner_id, entry.currency) == (partner_id, currency)]
        before = earlier.get((partner_id, currency), [])
        asked = sum(statement.payable_minor for statement in before if statement.pk not in settled)
        number = f"ST-{month}-{currency}-{cast('ChannelPartner', own[0].partner).code}".upper()
        if any(number == statement.number for statement, _ in drafts):  # two codes may differ in case alone
            number = f"{number}-{partner_id}"
        statement = Statement(
            number=number,
            partner_id=partner_id,
            currency=currency,
            period_start=month.start.date(),
            period_end=month.end.date(),
            chain_head=head.hash,
            chain_sequence=head.sequence,
            closed_at=now,
        )
        _total(statement, own, before, asked, terms.minimum_payable(currency))
        drafts.append((statement, own))
    return drafts


def _total(
    statement: Statement, entries: list[LedgerEntry], before: list[Statement], asked_minor: int, minimum_minor: int
) -> None:
    """A statement asks for what is owed, less what earlier ones ask for and is not paid yet."""
    opening = before[-1].closing_minor if before else 0
    movements = [engine.Movement(entry.posting.kind, -entry.amount_minor) for entry in entries]
    totals = engine.total(opening_minor=opening, movements=movements)
    asks = engine.total(opening_minor=opening - asked_minor, movements=movements, minimum_payable_minor=minimum_minor)
    statement.opening_minor, statement.movement_minor = opening, totals.movements_minor
    statement.closing_minor, statement.payable_minor = totals.closing_minor, asks.payable_minor


def _unstated(month: Month) -> list[LedgerEntry]:
    return list(
        LedgerEntry.objects.filter(
            account__in=STATED_ACCOUNTS, posting__booked_at__lt=month.end, statement_line__isnull=True
        )
        .select_related("posting", "partner")
        .order_by("posting__sequence", "position")
    )


def _earlier_statements() -> dict[Owner, list[Statement]]:
    earlier: dict[Owner, list[Statement]] = {}
    for statement in Statement.objects.order_by("period_start"):
        earlier.setdefault((statement.partner_id, statement.currency), []).append(statement)
    return earlier


def _settled(month: Month) -> set[int]:
    """Return the statements whose payout had left, and not come back, by the end of the month."""
    kinds = (LedgerPosting.Kind.PAY, LedgerPosting.Kind.RETURNED)
    moves = LedgerPosting.objects.filter(kind__in=kinds, booked_at__lt=month.end, payout__isnull=False)
    last = dict(moves.order_by("sequence").values_list("payout__statement_id", "kind"))
    return {statement_id for statement_id, kind in last.items() if kind == LedgerPosting.Kind.PAY}


def _mark_stated(entries: Iterable[LedgerEntry]) -> None:
    release = LedgerPosting.Kind.RELEASE
    released = {entry.posting.accrual_id or 0 for entry in entries if entry.posting.kind == release}
    Accrual.objects.filter(pk__in=released, state=Accrual.State.PAYABLE).update(state=Accrual.State.STATED)
