"""The journeys of our own orders, as their attribution saw them, for models that look at many at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.core.roles import Role
from channels.journeys.engine.timed import TimedPath
from channels.journeys.models import AttributionRun, CompanyProfile
from channels.journeys.selectors import wording
from channels.journeys.selectors.rows import ROLE_OF_KIND
from channels.partners.models import ChannelPartner

MOST_ORDERS = 20_000
DIRECT = "direct"
BY = ("partner", "role", "kind", "medium")

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnJourneys:
    """`untouched` orders have no touch in their window, so no model can credit them. `labels` names the channels."""

    journeys: tuple[TimedPath, ...]
    untouched: int
    too_many: bool
    labels: dict[str, str]


def own_journeys(*, since: datetime, until: datetime, segment: str = "", by: str = "partner") -> OwnJourneys:
    """First purchases placed in [since, until): renewals follow their steward and no model. Two queries."""
    runs = AttributionRun.objects.filter(
        state=AttributionRun.State.DONE, order__placed_at__gte=since, order__placed_at__lt=until, order__cycle=0
    )
    if segment:
        runs = runs.filter(order__company__segment=segment)
    fields = ("order_id", "order__placed_at", "explanation__policy__window_days", "explanation__touches")
    found = list(runs.order_by("order_id", "-sequence").values_list(*fields)[: MOST_ORDERS + 1])
    latest: dict[int, TimedPath | None] = {}
    for order, placed_at, window, touches in found[:MOST_ORDERS]:
        if order not in latest:
            opens_at = placed_at - timedelta(days=window or 0)
            latest[order] = _journey(touches or [], opens_at, by)
    journeys = tuple(journey for journey in latest.values() if journey is not None)
    return OwnJourneys(
        journeys=journeys,
        untouched=len(latest) - len(journeys),
        too_many=len(found) > MOST_ORDERS,
        labels=_labels({name for journey in journeys for name in journey.touches}, by),
    )


def segments() -> list[str]:
    """The segments that companies are in."""
    return list(
        CompanyProfile.objects.exclude(segment="").order_by("segment").values_list("segment", flat=True).distinct()
    )


def _journey(touches: Iterable[dict], opens_at: datetime, by: str) -> TimedPath | None:
    """Partners' touches that counted, and our own inside the window."""
    rows = []
    for touch in touches:
        at = datetime.fromisoformat(touch["at"])
        if touch["counted"] or (not touch["partner"] and at > opens_at):
            role = ROLE_OF_KIND.get(touch["kind"], Role.INFLUENCER)
            name = DIRECT if not touch["partner"] else role if by == "role" else touch[by]
            rows.append(
                ((at - datetime.min.replace(tzinfo=at.tzinfo)) // _MICROSECOND, str(name), touch["kind"], str(role))
            )
    return TimedPath.of(rows, conversions=1, nulls=0, weight=1) if rows else None


def _labels(names: set[str], by: str) -> dict[str, str]:
    labels = {name: name for name in names}
    if by == "partner":
        labels |= dict(ChannelPartner.objects.filter(code__in=names).values_list("code", "name"))
    else:
        say = {"role": wording.role, "kind": wording.touch_kind, "medium": wording.medium}[by]
        labels |= {name: say(name) for name in names}
    return labels
