"""Closing a month, and approving a statement, twice at once. Each race has a twin without the lock."""

from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError

from channels.commissions.models import ClosedMonth, LedgerHead, Statement
from channels.commissions.selectors import months, verification
from channels.commissions.services import holds, locks, statements
from channels.core.periods import Month
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.harness.race import errors, race, together, values

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
MAY = datetime(2026, 5, 2, tzinfo=UTC)
APRIL = Month(2026, 4)


def earned() -> None:
    money.programme()
    money.paid(money.credited("ORD-A", (make.partner("nord"), "resale", 10_000)))
    statements.close_month(month=Month(2026, 3), now=MAY)
    holds.release_due(now=MAY)


def close_twice(patience: float = 1.5) -> list[Any]:
    with together("channels.commissions.services.statement_drafts.drafts", patience=patience):
        return race(2, lambda _i: len(statements.close_month(month=APRIL, now=MAY)))


def test_two_who_close_a_month_make_its_statements_once() -> None:
    earned()
    assert sorted(values(close_twice())) == [0, 1]
    assert (Statement.objects.count(), ClosedMonth.objects.count()) == (1, 2)
    assert list(verification.findings()) == []


def test_twin_without_the_lock_closing_collides() -> None:
    """Only the unique number of the statement is left, and one of the two breaks on it."""
    earned()
    with mock.patch.object(locks, "lock_head", side_effect=lambda: LedgerHead.objects.get(pk=1)):
        outcomes = close_twice(patience=20)
    assert [type(error) for error in errors(outcomes)] == [IntegrityError]


def above_the_limit() -> Statement:
    earned()
    [statement] = statements.close_month(month=APRIL, now=MAY)
    Statement.objects.update(approvals_needed=2)
    return statement


def approve_twice(statement: Statement, people: list[Any], patience: float = 1.5) -> list[Any]:
    with together("channels.commissions.services.statements._given", patience=patience):
        return race(2, lambda i: statements.approve(statement_id=statement.pk, at=MAY, by=people[i]).state)


def test_two_approvals_at_once_count_as_two() -> None:
    statement = above_the_limit()
    assert sorted(values(approve_twice(statement, [make.user(), make.user()]))) == ["approved", "closed"]
    statement.refresh_from_db()
    assert (statement.state, statement.approvals.count()) == ("approved", 2)


def test_twin_without_the_lock_both_think_that_they_are_the_first() -> None:
    """Two people approved it, and it would wait for ever."""
    statement = above_the_limit()
    with mock.patch.object(locks, "lock_statement", side_effect=lambda pk: Statement.objects.get(pk=pk)):
        states = values(approve_twice(statement, [make.user(), make.user()], patience=20))
    statement.refresh_from_db()
    assert (states, statement.state, statement.approvals.count()) == (["closed", "closed"], "closed", 2)


def test_one_person_at_once_approves_once() -> None:
    statement, person = above_the_limit(), make.user()
    outcomes = approve_twice(statement, [person, person])
    assert [type(error) for error in errors(outcomes)] == [statements.ApprovedAlready]
    statement.refresh_from_db()
    assert (statement.state, statement.approvals.count()) == ("closed", 1)


def test_twin_without_the_lock_only_the_unique_row_stops_one_person() -> None:
    statement, person = above_the_limit(), make.user()
    with mock.patch.object(locks, "lock_statement", side_effect=lambda pk: Statement.objects.get(pk=pk)):
        outcomes = approve_twice(statement, [person, person], patience=20)
    assert [type(error) for error in errors(outcomes)] == [IntegrityError]


def test_a_closed_month_is_not_opened_again() -> None:
    """The database refuses it, whoever asks."""
    earned()
    head = LedgerHead.objects.get()
    assert months.first_open() == APRIL
    for change in ({"closed_until": None}, {"closed_until": Month(2026, 2).end}, {"sequence": head.sequence - 1}):
        with pytest.raises(IntegrityError, match="closed months stay closed"):
            LedgerHead.objects.update(**change)
    with pytest.raises(IntegrityError, match="append-only"):
        ClosedMonth.objects.all().delete()
