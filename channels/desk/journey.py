"""An order's journey for staff: every touch with whose it was, and what everybody would have earned without it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from channels.commissions.selectors.counterfactual import Without, earned_without
from channels.journeys.models import OrderRecord
from channels.journeys.selectors import wording
from channels.journeys.selectors.journeys import attributed_run
from channels.journeys.selectors.timeline import Drawing, Event, drawing
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True)
class Difference:
    """What a partner earned, and would have without the touch."""

    partner: str
    had_minor: int
    would_minor: int


@dataclass(frozen=True, slots=True)
class Row:
    at: datetime
    what: str
    whose: str
    where: str
    campaign: str
    is_touch: bool
    is_own: bool
    is_counted: bool
    shares: list[str]
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class Journey:
    drawing: Drawing | None
    rows: list[Row]
    currency: str


def journey(order: OrderRecord) -> Journey:
    """Return the touches of the attribution that counts, and what happened to the order, in their order of time."""
    run = attributed_run(order)
    told: dict[str, Any] = run.explanation if run else {}
    touches = told.get("touches", [])
    names = dict(ChannelPartner.objects.values_list("code", "name"))
    instead = earned_without(order, [touch["key"] for touch in touches if touch["partner"]])
    rows = [_row(touch, told, names, instead.get(touch["key"])) for touch in touches]
    rows += [_event(at, what) for at, what in _events(order)]
    rows.sort(key=lambda row: row.at)
    return Journey(drawing([_mark(row) for row in rows]), rows, order.currency)


def _row(touch: dict[str, Any], told: dict[str, Any], names: Mapping[str, str], instead: Without | None) -> Row:
    partner = touch["partner"]
    rows: list[dict[str, Any]] = told.get("counterfactuals", [])
    own = [change for row in rows if row["touch"] == touch["key"] for change in row["changes"]]
    changes = {(change["pool"], change["with_bp"], change["without_bp"]) for change in own}
    return Row(
        at=datetime.fromisoformat(touch["at"]),
        what=wording.touch_kind(touch["kind"]),
        whose=names.get(partner, partner) if partner else _("Our own"),
        where=wording.medium(touch["medium"]),
        campaign=touch["campaign"],
        is_touch=True,
        is_own=not partner,
        is_counted=touch["counted"],
        shares=[_share(*change) for change in sorted(changes)],
        differences=[
            Difference(names.get(code, code), had, would)
            for code, had, would in (instead.differences if instead else ())
        ],
    )


def _share(pool: str, with_bp: int, without_bp: int) -> str:
    shares = {"with": with_bp / 100, "without": without_bp / 100, "pool": wording.pool(pool)}
    return _("%(pool)s: %(without).6g %% instead of %(with).6g %%") % shares


def _events(order: OrderRecord) -> Iterator[tuple[datetime, str]]:
    yield order.placed_at, _("Order placed")
    for event in order.events.all():
        yield event.at, event.get_kind_display()


def _event(at: datetime, what: str) -> Row:
    return Row(at, what, _("The order"), "", "", False, False, False, [], [])


def _mark(row: Row) -> Event:
    tone = "order" if not row.is_touch else "own" if row.is_own else "partner"
    is_faint = tone == "partner" and not row.is_counted
    return Event(row.at, row.whose, f"{row.what}, {row.whose}", tone, is_faint=is_faint)
