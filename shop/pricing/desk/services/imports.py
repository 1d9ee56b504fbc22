"""Prices from a file: uploaded, checked row by row, and then taken over all or not at all."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels import api
from shop.pricing.desk.engine.price_file import Problem
from shop.pricing.desk.engine.tables import MOST_BYTES, UnreadableFile
from shop.pricing.desk.models import PriceImport
from shop.pricing.desk.selectors.price_files import Change, Examined, examine
from shop.pricing.guard import Undercut
from shop.pricing.models import PriceList
from shop.pricing.services.prices import PriceRow, PricesRefused, save_list_prices

logger = logging.getLogger(__name__)

State = PriceImport.State
Clock = Callable[[], datetime]
AT_WORK = (State.WAITING, State.CHECKING, State.WRITING)
PATIENCE = timedelta(minutes=5)  # the largest file takes a fraction of it
MOST_ATTEMPTS = 3
LOST = gettext_noop("Its worker was lost several times. Look at the worker's log, or split the file.")
KEPT_FOR = timedelta(days=30)
MOST_PROBLEMS = 1_000
MOST_CHANGES = 100


class ImportNotAllowed(Exception):
    """The file is not in a state in which that can be done."""


@transaction.atomic
def upload(*, price_list: PriceList, name: str, content: bytes, at: datetime, by: Any = None) -> PriceImport:
    """Keep a file and have it checked after the commit. Raises UnreadableFile for one that is too large."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile("too_large", str(MOST_BYTES // 1_000_000))
    found = PriceImport.objects.create(
        price_list=price_list,
        name=PurePath(name).name[:200],
        content=content,
        created_at=at,
        heartbeat_at=at,
        created_by_id=by.pk if by else None,
    )
    transaction.on_commit(lambda: _send(found.pk), robust=True)
    return found


@transaction.atomic
def accept(*, import_id: int, at: datetime) -> PriceImport:
    """Have a checked file's prices taken over. Raises ImportNotAllowed."""
    found = _locked(import_id)
    if found.state != State.CHECKED:
        raise ImportNotAllowed(
            _("This file is: %s. Only a checked file can be taken over.") % found.get_state_display()
        )
    _note(found, state=State.WRITING, heartbeat_at=at, attempts=0)
    transaction.on_commit(lambda: _send(found.pk), robust=True)
    return found


@transaction.atomic
def again(*, import_id: int, at: datetime) -> None:
    """Check a file anew that was refused or failed, or send lost work once more. Raises ImportNotAllowed."""
    found = _free(import_id)
    if found is None:
        raise ImportNotAllowed(_("Its prices are being written at this moment. Wait until that has ended."))
    if found.state in (State.CHECKED, State.DONE) or not found.content:
        raise ImportNotAllowed(_("This file is: %s. There is nothing left to do.") % found.get_state_display())
    state = found.state if found.state in AT_WORK else State.WAITING
    _note(found, state=state, heartbeat_at=at, attempts=0, last_error="", finished_at=None)
    transaction.on_commit(lambda: _send(import_id), robust=True)


def work_on(*, import_id: int, clock: Clock) -> PriceImport:
    """Do what the file waits for, and return it; a failure stays on it. Working twice, or twice at once, is harmless."""
    found = PriceImport.objects.select_related("price_list", "created_by").get(pk=import_id)
    if found.state not in AT_WORK:
        return found
    if found.state == State.WAITING:
        _settle(found, State.CHECKING)
    cache.delete(_written(import_id))
    _note(found, rows_seen=0, last_error="", heartbeat_at=clock())
    try:
        examined = _examined(found, clock)
        if examined.problems:
            return _refuse(found, examined, clock())
        if found.state == State.CHECKING:
            return _settle(found, State.CHECKED, changes=_first(examined.changes), **_counts(examined))
        return _take_over(found, examined, clock())
    except Exception as error:
        logger.exception("The price file %s could not be worked on.", import_id)
        return _settle(
            found, State.FAILED, last_error=f"{type(error).__name__}: {error}"[:2000], finished_at=clock()
        )  # fmt: skip


def resume(*, now: datetime) -> int:
    """Send work again whose worker is gone, give up what was lost too often, drop old files; return how many were lost."""
    old = PriceImport.objects.filter(created_at__lt=now - KEPT_FOR).exclude(state__in=AT_WORK).exclude(content=b"")
    old.update(content=b"")
    live = Q(heartbeat_at__gt=now - PATIENCE, heartbeat_at__lt=now + PATIENCE)
    lost = PriceImport.objects.filter(state__in=AT_WORK).exclude(live)
    return sum(_resume(import_id, now) for import_id in lost.values_list("pk", flat=True))


@transaction.atomic
def _resume(import_id: int, now: datetime) -> bool:
    found = _free(import_id)
    if found is None or found.state not in AT_WORK or abs(now - found.heartbeat_at) < PATIENCE:
        return False
    if found.attempts < MOST_ATTEMPTS:
        _note(found, heartbeat_at=now, attempts=found.attempts + 1)
        transaction.on_commit(lambda: _send(import_id), robust=True)
    else:
        _note(found, state=State.FAILED, last_error=LOST, finished_at=now)
    return True


def _examined(found: PriceImport, clock: Clock) -> Examined:
    def tell(rows: int) -> None:
        _note(found, rows_seen=rows, heartbeat_at=clock())

    try:
        return examine(
            bytes(found.content), price_list=found.price_list, at=clock(), progress=tell,
            ask_guard=found.state == State.CHECKING,
        )  # fmt: skip
    except UnreadableFile as error:
        return Examined(problems=[Problem(1, "", "", error.code, error.more)])


def _refuse(found: PriceImport, examined: Examined, now: datetime) -> PriceImport:
    if examined.refused:  # so that an override can be asked for
        api.record_price_check(examined.refused, actor_id=found.created_by_id)
    told = [
        {"row": one.row, "column": one.column, "value": one.value, "code": one.code, "more": one.more}
        for one in examined.problems[:MOST_PROBLEMS]
    ]
    return _settle(found, State.REFUSED, problems=told, changes=[], finished_at=now, **_counts(examined))


def _take_over(found: PriceImport, examined: Examined, now: datetime) -> PriceImport:
    """Write the prices in one transaction. The list's lock lets one file at a time; what changed since is found there.

    A worker that dies leaves nothing behind: the lock on the file goes with it, and `resume` hands the work out again.
    """
    key = _written(found.pk)
    with transaction.atomic():
        if _locked(found.pk).state != State.WRITING:
            return found
        try:
            saved = save_list_prices(
                price_list=found.price_list,
                rows=[_wanted(change) for change in examined.changes],
                at=now,
                by=found.created_by,
                note=_("File %(name)s (%(number)d)") % {"name": found.name[:80], "number": found.pk},
                progress=lambda rows: cache.set(key, rows, PATIENCE.total_seconds()),
            )
        except (PricesRefused, Undercut):  # somebody else was faster: the report is made anew
            _note(found, state=State.WAITING, heartbeat_at=now)
            transaction.on_commit(lambda: _send(found.pk), robust=True)
            return found
        same = examined.rows_same + saved.unchanged
        transaction.on_commit(lambda: cache.delete(key), robust=True)
        counts = {"rows_added": saved.created, "rows_changed": saved.changed, "rows_same": same}
        return _note(found, state=State.DONE, content=b"", finished_at=now, **counts)


def _wanted(change: Change) -> PriceRow:
    return PriceRow(
        product_id=change.product_id,
        price=change.price,
        min_quantity=change.min_quantity,
        valid_from=change.valid_from,
        valid_to=change.valid_to,
    )


def _counts(examined: Examined) -> dict[str, object]:
    return {
        "encoding": examined.encoding,
        "separator": examined.separator,
        "rows_total": examined.rows_total,
        "rows_seen": examined.rows_total,
        "rows_added": examined.rows_added,
        "rows_changed": examined.rows_changed,
        "rows_same": examined.rows_same,
        "rows_wrong": examined.rows_wrong,
    }


def _first(changes: list[Change]) -> list[dict[str, Any]]:
    """Return some of what would change, as the page shows it, in the file's order."""
    return [
        {
            "row": change.row,
            "sku": change.sku,
            "min_quantity": change.min_quantity,
            "old": None if change.old is None else str(change.old),
            "new": str(change.price),
            "valid_from": change.valid_from and change.valid_from.isoformat(),
            "valid_to": change.valid_to and change.valid_to.isoformat(),
        }
        for change in sorted(changes, key=lambda change: change.row)[:MOST_CHANGES]
    ]


def _settle(found: PriceImport, state: str, **values: Any) -> PriceImport:
    """End a step, unless another worker has ended it already."""
    PriceImport.objects.filter(pk=found.pk, state=found.state).update(state=state, **values)
    found.refresh_from_db(fields=["state", *values])
    return found


def rows_seen(found: PriceImport) -> int:
    """Return how many rows its worker has looked at, or written while only the worker itself sees them in the database."""
    return int(cache.get(_written(found.pk), found.rows_seen))


def _written(import_id: int) -> str:
    return f"price-import:{import_id}:written"


def _free(import_id: int) -> PriceImport | None:
    """Return the file locked; None while a worker writes its prices, which holds the lock as long as it lives."""
    return PriceImport.objects.select_for_update(skip_locked=True).filter(pk=import_id).first()


def _locked(import_id: int) -> PriceImport:
    return PriceImport.objects.select_for_update().get(pk=import_id)


def _note(found: PriceImport, **values: object) -> PriceImport:
    for name, value in values.items():
        setattr(found, name, value)
    found.save(update_fields=list(values))
    return found


def _send(import_id: int) -> None:
    from shop.pricing.desk.tasks import work_on_price_import

    work_on_price_import.delay(import_id)
