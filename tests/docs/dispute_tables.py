"""Runs the rows of docs/algorithms/disputes.md."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.commissions.engine import disputes
from channels.commissions.selectors.adjustments import still_due
from tests.docs.markdown_tables import Row

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _says(answer: bool) -> str:
    return "yes" if answer else "no"


def dispute_step(row: Row) -> None:
    if row["then"] == "refused":
        with pytest.raises(disputes.ActNotAllowed):
            disputes.after(row["state"], row["act"], side=row["by"])
    else:
        assert disputes.after(row["state"], row["act"], side=row["by"]) == row["then"]


def dispute_period(row: Row) -> None:
    now = START + timedelta(hours=int(row["hours since"]))
    found = disputes.is_in_time(concerned_at=START, now=now, days=int(row["days allowed"]))
    assert _says(found) == row["in time"]


def dispute_overdue(row: Row) -> None:
    due = disputes.due_at(opened_at=START, days=int(row["days to answer"]))
    now = START + timedelta(hours=int(row["hours since"]))
    assert _says(disputes.is_overdue(row["state"], due=due, now=now)) == row["overdue"]


def dispute_freeze(row: Row) -> None:
    found = disputes.freezes(
        disputant=row["whose"] == "own",
        wants_more=row["wants more"] == "yes",
        is_grounded=row["in our records"] == "yes",
        state=row["state"],
    )
    assert _says(found) == row["frozen"]


def adjustment(row: Row) -> None:
    found = still_due(int(row["adjustment"]), left_minor=int(row["left of it"]), sold_minor=int(row["line sold"]))
    assert found == int(row["target"])


ROW_CHECKS = {
    "adjustment": adjustment,
    "dispute_freeze": dispute_freeze,
    "dispute_overdue": dispute_overdue,
    "dispute_period": dispute_period,
    "dispute_step": dispute_step,
}
