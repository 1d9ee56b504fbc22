"""The one way in which an application moves: under its row's lock, with an event that stays."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from shop.companies.models import Company
from shop.companies.services import set_status
from shop.registration.models import Application, ApplicationEvent

State = Application.State


class Step(StrEnum):
    """What somebody does about an application."""

    CONFIRM = "confirm"
    APPROVE = "approve"
    REJECT = "reject"
    ASK = "ask"
    ANSWER = "answer"
    JOIN = "join"
    DECLINE = "decline"


OPEN = frozenset({State.WAITING, State.ASKED})
# From which states a step may be taken, and where it leads; None: it stays where it is.
STEPS: dict[Step, tuple[frozenset[State], State | None]] = {
    Step.CONFIRM: (frozenset({State.UNCONFIRMED}), State.WAITING),
    Step.APPROVE: (OPEN | {State.REJECTED}, State.APPROVED),
    Step.REJECT: (OPEN, State.REJECTED),
    Step.ASK: (frozenset({State.WAITING}), State.ASKED),
    Step.ANSWER: (frozenset({State.ASKED}), State.WAITING),
    Step.JOIN: (OPEN, State.JOINED),
    Step.DECLINE: (OPEN, None),
}
STATUSES = {State.APPROVED: Company.Status.APPROVED, State.REJECTED: Company.Status.REJECTED,
            State.JOINED: Company.Status.REJECTED}  # fmt: skip


class NotPossible(Exception):
    """Somebody was faster, or the page that was acted on is out of date: look again."""


def may_take(step: Step, application: Application) -> bool:
    return application.state in STEPS[step][0]


@transaction.atomic
def take(
    *,
    application_id: int,
    step: Step,
    at: datetime,
    by: Any = None,
    text: str = "",
    data: dict[str, Any] | None = None,
    seen: int | None = None,
) -> Application:
    """Move an application, with its company's status. Raises NotPossible.

    `seen` is the id of the last event on the page that was acted on: what happened since must be read first.
    """
    application = _locked(application_id)
    if not may_take(step, application) or (seen is not None and seen != latest_event(application)):
        raise NotPossible
    application.state = STEPS[step][1] or application.state
    application.save(update_fields=["state"])
    status = STATUSES.get(State(application.state), Company.Status.PENDING)
    set_status(company=application.company, status=status, reason=text[:255])
    ApplicationEvent.objects.create(
        application=application, step=step, to_state=application.state, at=at, by=by, text=text, data=data or {}
    )
    return application


def latest_event(application: Application) -> int:
    """Return the id of an application's last event, 0 before the first."""
    return application.events.order_by("-pk").values_list("pk", flat=True).first() or 0


def _locked(application_id: int) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("company", "applicant")
    return rows.get(pk=application_id)
