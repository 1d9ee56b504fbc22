"""Touchpoints from a file: uploaded, checked row by row, and then added all or not at all."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import PurePath

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels.audit.services import record
from channels.journeys.engine.touch_file import MOST_BYTES, Problem, UnreadableFile
from channels.journeys.models import TouchImport, Touchpoint
from channels.journeys.selectors.touch_files import Examined, examine

logger = logging.getLogger(__name__)

State = TouchImport.State
AT_WORK = (State.WAITING, State.CHECKING, State.ADDING)
PATIENCE = timedelta(minutes=5)  # the largest file takes a fraction of it
MOST_ATTEMPTS = 3
LOST = gettext_noop("Its worker was lost several times. Look at the worker's log, or split the file.")
MOST_PROBLEMS = 1_000
BATCH = 1_000


class ImportNotAllowed(Exception):
    """The file is not in a state in which that can be done."""


@transaction.atomic
def upload(*, name: str, content: bytes, at: datetime, actor: AbstractBaseUser | None = None) -> TouchImport:
    """Keep a file and have it checked after the commit. Raises UnreadableFile for one that is too large."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile("too_large", most=str(MOST_BYTES // 1_000_000))
    found = TouchImport.objects.create(
        name=PurePath(name).name[:200],
        content=content,
        created_at=at,
        sent_at=at,
        created_by_id=actor.pk if actor else None,
    )
    record(verb="touchpoints.uploaded", subject=found, at=at, actor=actor)
    transaction.on_commit(lambda: _send(found.pk), robust=True)
    return found


def check(*, import_id: int, now: datetime) -> TouchImport:
    """Read the file and say what is wrong with it, or that all rows may be added. Checking again is harmless."""
    found = TouchImport.objects.get(pk=import_id)
    if found.state not in (State.WAITING, State.CHECKING, State.FAILED):
        return found
    _note(found, state=State.CHECKING, rows_seen=0, last_error="")
    try:
        examined = examine(bytes(found.content), now=now, progress=lambda seen: _note(found, rows_seen=seen))
    except UnreadableFile as error:
        problem = Problem(1, "", "", error.code, ", ".join(error.params.values()))
        return _refuse(found, [problem], Examined(problems=[problem]), now)
    except Exception as error:
        logger.exception("The touchpoint file %s could not be checked.", import_id)
        return _note(found, state=State.FAILED, last_error=f"{type(error).__name__}: {error}"[:2000], finished_at=now)
    if examined.problems:
        return _refuse(found, examined.problems, examined, now)
    return _note(found, state=State.CHECKED, **_counts(examined))


@transaction.atomic
def accept(*, import_id: int, at: datetime, actor: AbstractBaseUser | None = None) -> TouchImport:
    """Have a checked file's rows added. Raises ImportNotAllowed."""
    found = TouchImport.objects.select_for_update().get(pk=import_id)
    if found.state != State.CHECKED:
        raise ImportNotAllowed(_("This file is: %s. Only a checked file can be added.") % found.get_state_display())
    _note(found, state=State.ADDING, sent_at=at, attempts=0)
    record(verb="touchpoints.accepted", subject=found, at=at, actor=actor, data={"rows": found.rows_new})
    transaction.on_commit(lambda: _send(found.pk), robust=True)
    return found


@transaction.atomic
def again(*, import_id: int, at: datetime) -> None:
    """Send the work on a file once more that failed or was lost. Raises ImportNotAllowed for one that waits for nothing."""
    found = TouchImport.objects.select_for_update().defer("content").get(pk=import_id)
    if found.state not in (*AT_WORK, State.FAILED):
        raise ImportNotAllowed(_("This file is: %s. There is nothing left to do.") % found.get_state_display())
    state = State.WAITING if found.state == State.FAILED else found.state
    _note(found, state=state, sent_at=at, attempts=0, last_error="", finished_at=None)
    transaction.on_commit(lambda: _send(import_id), robust=True)


def resume(*, now: datetime) -> int:
    """Send work again whose worker is gone, and give up what was lost too often; return how many files.

    Working twice is harmless, so a file that is only slow loses nothing but time.
    """
    live = Q(sent_at__gt=now - PATIENCE, sent_at__lt=now + PATIENCE)
    lost = TouchImport.objects.filter(state__in=AT_WORK, last_error="").exclude(live)
    return sum(_resume(import_id, now) for import_id in lost.values_list("pk", flat=True))


@transaction.atomic
def _resume(import_id: int, now: datetime) -> bool:
    found = TouchImport.objects.select_for_update().defer("content").get(pk=import_id)
    if not _is_lost(found, now):
        return False
    if found.attempts < MOST_ATTEMPTS:
        _note(found, sent_at=now, attempts=found.attempts + 1)
        transaction.on_commit(lambda: _send(import_id), robust=True)
    else:
        _note(found, state=State.FAILED, last_error=LOST, finished_at=now)
    return True


def _is_lost(found: TouchImport, now: datetime) -> bool:
    waits = found.state in AT_WORK and not found.last_error
    return waits and (found.sent_at is None or abs(now - found.sent_at) >= PATIENCE)


def add(*, import_id: int, now: datetime) -> TouchImport:
    """Add the rows of an accepted file in one transaction. It is checked again: what it names may be gone by now.

    The check comes before the transaction, which locks out every other writer on SQLite. A row that somebody else adds
    in between is the same row: its key says so.
    """
    found = TouchImport.objects.get(pk=import_id)
    if found.state != State.ADDING:
        return found
    try:
        examined = examine(bytes(found.content), now=now, progress=lambda seen: _note(found, rows_seen=seen))
        touches = [] if examined.problems else list(examined.touchpoints(import_id, found.created_by_id))
        with transaction.atomic():
            found = TouchImport.objects.select_for_update().get(pk=import_id)
            if found.state != State.ADDING:
                return found
            if examined.problems:
                return _refuse(found, examined.problems, examined, now)
            Touchpoint.objects.bulk_create(touches, batch_size=BATCH, ignore_conflicts=True)
            _note(found, state=State.DONE, content=b"", finished_at=now, last_error="", **_counts(examined))
            record(verb="touchpoints.imported", subject=found, at=now, data={"rows": found.rows_new})
            return found
    except Exception as error:
        logger.exception("The touchpoint file %s could not be added.", import_id)
        found = TouchImport.objects.get(pk=import_id)
        return _note(found, last_error=f"{type(error).__name__}: {error}"[:2000])


def work_on(*, import_id: int, now: datetime) -> TouchImport:
    """Do what the file waits for: the check, or the adding."""
    state = TouchImport.objects.values_list("state", flat=True).get(pk=import_id)
    step: Callable[..., TouchImport] = add if state == State.ADDING else check
    return step(import_id=import_id, now=now)


def _refuse(found: TouchImport, problems: list[Problem], examined: Examined, now: datetime) -> TouchImport:
    told = [
        {"row": one.row, "column": one.column, "value": one.value, "code": one.code, "more": one.more}
        for one in problems[:MOST_PROBLEMS]
    ]
    return _note(found, state=State.REFUSED, problems=told, content=b"", finished_at=now, **_counts(examined))


def _counts(examined: Examined) -> dict[str, object]:
    return {
        "encoding": examined.encoding,
        "separator": examined.separator,
        "rows_total": examined.rows_total,
        "rows_seen": examined.rows_total,
        "rows_new": len(examined.new),
        "rows_known": examined.rows_known,
        "rows_wrong": len({problem.row for problem in examined.problems}),
    }


def _note(found: TouchImport, **values: object) -> TouchImport:
    for name, value in values.items():
        setattr(found, name, value)
    found.save(update_fields=list(values))
    return found


def _send(import_id: int) -> None:
    from channels.journeys.tasks import work_on_touch_import

    work_on_touch_import.delay(import_id)
