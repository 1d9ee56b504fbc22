"""The life of a dispute, and when one may still be opened. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    OPEN = "open"
    UNDER_REVIEW = "under_review"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    TAKE_UP = "take_up"
    UPHOLD = "uphold"
    REJECT = "reject"
    WITHDRAW = "withdraw"


class Side(StrEnum):
    PARTNER = "partner"
    DESK = "desk"


class ActNotAllowed(Exception):
    """The dispute has no such step from where it stands, or not for this side."""


# Money concerned is frozen in these.
OPEN_STATES = (State.OPEN, State.UNDER_REVIEW)
STEPS: Mapping[tuple[State, Act], State] = {
    (State.OPEN, Act.TAKE_UP): State.UNDER_REVIEW,
    (State.OPEN, Act.WITHDRAW): State.WITHDRAWN,
    (State.UNDER_REVIEW, Act.UPHOLD): State.UPHELD,
    (State.UNDER_REVIEW, Act.REJECT): State.REJECTED,
    (State.UNDER_REVIEW, Act.WITHDRAW): State.WITHDRAWN,
}
ACTS_OF: Mapping[Side, frozenset[Act]] = {
    Side.PARTNER: frozenset({Act.WITHDRAW}),
    Side.DESK: frozenset({Act.TAKE_UP, Act.UPHOLD, Act.REJECT}),
}


def after(state: str, act: str, *, side: str) -> State:
    """Return the state that follows. Raises ActNotAllowed."""
    to = STEPS.get((State(state), Act(act)))
    if to is None or Act(act) not in ACTS_OF[Side(side)]:
        raise ActNotAllowed(f"a dispute that is {State(state)} is not changed by {Act(act)} of the {Side(side)}")
    return to


def last_moment(*, concerned_at: datetime, days: int) -> datetime:
    """The end of the period in which a credit may be disputed; exclusive."""
    return concerned_at + timedelta(days=days)


def is_in_time(*, concerned_at: datetime, now: datetime, days: int) -> bool:
    """Half-open: at the very end it is too late."""
    return now < last_moment(concerned_at=concerned_at, days=days)


def due_at(*, opened_at: datetime, days: int) -> datetime:
    return opened_at + timedelta(days=days)


def is_overdue(state: str, *, due: datetime, now: datetime) -> bool:
    """Only what is still open can be late."""
    return State(state) in OPEN_STATES and now >= due


def freezes(*, disputant: bool, wants_more: bool, is_grounded: bool, state: str) -> bool:
    """Whether a partner's money on a disputed line is frozen: the disputant's own, or another's.

    Another's only where the dispute could take from it, and only when there is something to it: the records show the
    disputant on the order, or somebody has taken the dispute up.
    """
    if State(state) not in OPEN_STATES:
        return False
    if disputant:
        return True
    return wants_more and (is_grounded or State(state) == State.UNDER_REVIEW)
