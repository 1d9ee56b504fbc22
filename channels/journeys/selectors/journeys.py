"""The replay of an order's credit: from the touches to the shares, for those who may see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from channels.journeys.models import AttributionRun, Credit, OrderRecord
from channels.journeys.selectors import wording
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayTouch:
    """One observed influence. `without_bp` is what the credit would have been had it never happened."""

    key: str
    at: datetime
    kind: str
    medium: str
    campaign: str
    partner_name: str
    counted: bool
    with_bp: int
    without_bp: int

    @property
    def made_a_difference(self) -> bool:
        return self.with_bp != self.without_bp


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One credit explained. `others` counts the touches of partners that the reader may not see."""

    credit: Credit
    order: OrderRecord
    policy_version: int
    model: str
    window_days: int
    step: str
    why: str
    role: str
    pool: str
    held: str
    touches: tuple[ReplayTouch, ...]
    others: int
    skips: tuple[str, ...]


def attributed_run(order: OrderRecord) -> AttributionRun | None:
    """Return the run whose credits count: the latest that is done."""
    return order.attribution_runs.filter(state=AttributionRun.State.DONE).order_by("-sequence").first()


def current_credits(order: OrderRecord) -> QuerySet[Credit]:
    """Return the credits that count, line by line."""
    run = attributed_run(order)
    found = Credit.objects.filter(run=run) if run else Credit.objects.none()
    return found.select_related("line", "partner").order_by("line__position", "pool", "-share_bp", "id")


def replay(credit: Credit, *, viewer: ChannelPartner | None = None) -> Replay:
    """Explain one credit. A viewing partner reads its own touches and name only; without one, staff reads all."""
    run = credit.run
    story: dict[str, Any] = run.explanation
    line = next(row for row in story["lines"] if row["line"] == credit.line.key)
    codes = {touch["partner"] for touch in story["touches"]} | {found["partner"] for found in line["skips"]}
    names = names_of(codes | set(line["why"]["params"].values()), viewer)
    share = next(row for row in line["credits"] if _is(row, credit))
    touches = [touch for touch in story["touches"] if touch["partner"]]
    own = [touch for touch in touches if viewer is None or touch["partner"] == viewer.code]
    return Replay(
        credit=credit,
        order=run.order,
        policy_version=story["policy"]["version"],
        model=str(wording.MODELS.get(story["policy"]["model"], story["policy"]["model"])),
        window_days=story["policy"]["window_days"],
        step=line["step"],
        why=wording.why(line["why"], names),
        role=wording.role(credit.role),
        pool=wording.pool(credit.pool),
        held=wording.held(share["held_reason"]),
        touches=tuple(_touch(touch, story, credit, names) for touch in own),
        others=len(touches) - len(own),
        skips=tuple(
            wording.skip(found, names) for found in line["skips"] if viewer is None or found["partner"] == viewer.code
        ),
    )


def names_of(codes: set[str], viewer: ChannelPartner | None) -> dict[str, str]:
    """Return the names that the reader may read, by code."""
    if viewer is not None:
        return {viewer.code: viewer.name}
    return dict(ChannelPartner.objects.filter(code__in=codes - {None}).values_list("code", "name"))


def _touch(touch: dict[str, Any], story: dict[str, Any], credit: Credit, names: dict[str, str]) -> ReplayTouch:
    instead: dict[str, Any] = next(
        (row for row in story["counterfactuals"] if row["touch"] == touch["key"]), {"changes": []}
    )
    changed = next(
        (row for row in instead["changes"] if row["line"] == credit.line.key and row["pool"] == credit.pool), None
    )
    mine = touch["partner"] == credit.partner.code
    return ReplayTouch(
        key=touch["key"],
        at=datetime.fromisoformat(touch["at"]),
        kind=wording.touch_kind(touch["kind"]),
        medium=wording.medium(touch["medium"]),
        campaign=touch["campaign"],
        partner_name=names.get(touch["partner"], ""),
        counted=touch["counted"],
        with_bp=credit.share_bp if mine else 0,
        without_bp=changed["without_bp"] if changed and mine else credit.share_bp if mine else 0,
    )


def _is(row: dict[str, Any], credit: Credit) -> bool:
    return bool(row["partner"] == credit.partner.code and row["pool"] == credit.pool)
