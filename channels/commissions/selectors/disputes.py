"""Disputes as the desk and the partner read them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from channels.commissions.engine import disputes as engine
from channels.commissions.models import Accrual, Dispute, DisputeEntry
from channels.journeys.models import AttributionRun, Credit, OrderLine, OrderRecord, Relationship
from channels.journeys.selectors.overrides import run_in_force
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True)
class Age:
    """How long a dispute took or takes, and whether it is late."""

    days: int
    days_left: int
    is_overdue: bool


def queue() -> QuerySet[Dispute]:
    """Return every dispute for the desk; what is open first, by due date."""
    closed = Q(state__in=engine.OPEN_STATES)
    return (
        Dispute.objects.select_related("partner", "order__company", "taken_up_by")
        .annotate(is_current=Exists(Dispute.objects.filter(closed, pk=OuterRef("pk"))))
        .order_by("-is_current", F("due_at").asc(), "pk")
    )


def open_disputes() -> QuerySet[Dispute]:
    return Dispute.objects.filter(state__in=engine.OPEN_STATES)


def overdue(*, now: datetime) -> QuerySet[Dispute]:
    return open_disputes().filter(due_at__lte=now)


def age(dispute: Dispute, *, now: datetime) -> Age:
    until = dispute.decided_at or now
    return Age(
        days=max((until - dispute.opened_at).days, 0),
        days_left=(dispute.due_at - now) // timedelta(days=1),
        is_overdue=engine.is_overdue(dispute.state, due=dispute.due_at, now=now),
    )


def of_partner(partner: ChannelPartner) -> QuerySet[Dispute]:
    """Return the partner's own disputes, latest first."""
    return Dispute.objects.filter(partner=partner).select_related("order").order_by("-opened_at", "-pk")


def thread(dispute: Dispute, *, for_partner: bool) -> QuerySet[DisputeEntry]:
    """Return the messages and steps, oldest first; what is internal only to the desk."""
    entries = dispute.entries.select_related("by").order_by("at", "pk")
    return entries.filter(is_internal=False) if for_partner else entries


def is_credited(partner: ChannelPartner, order: OrderRecord) -> bool:
    """Whether the partner knows of the order: it is credited for it, or earned on it."""
    run = run_in_force(order)
    credited = run is not None and run.credits.filter(partner=partner).exists()
    return credited or Accrual.objects.filter(order=order, partner=partner).exists()


def is_grounded(partner: ChannelPartner, order: OrderRecord) -> bool:
    """Whether our own records show the partner on the order: credited, a touch of it, or a role at the company."""
    if is_credited(partner, order):
        return True
    run = run_in_force(order)
    touched = run.explanation.get("touches", []) if run else []
    if any(touch.get("partner") == partner.code for touch in touched):
        return True
    roles = Relationship.objects.filter(company=order.company_id, partner=partner, valid_from__lte=order.placed_at)
    return roles.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=order.placed_at)).exists()


def concerned_at(partner: ChannelPartner, order: OrderRecord) -> datetime:
    """The day from which the period for a dispute runs: the order, or the latest commission on it."""
    latest: datetime | None = Accrual.objects.filter(order=order, partner=partner).aggregate(at=Max("accrued_at"))["at"]
    return max(order.placed_at, latest) if latest else order.placed_at


def is_in_time(partner: ChannelPartner, order: OrderRecord, *, now: datetime) -> bool:
    """Whether a credited order may still be disputed."""
    since = concerned_at(partner, order)
    return engine.is_in_time(concerned_at=since, now=now, days=settings.DISPUTE_CLAIM_DAYS)


def order_named(text: str) -> OrderRecord | None:
    """Return the order with this number or public reference, however it is typed."""
    return OrderRecord.objects.filter(Q(number__iexact=text) | Q(public_ref__iexact=text)).order_by("pk").first()


def tidy(text: str) -> str:
    """Return an order number as it is kept: no spaces around or inside, no leading hash."""
    return re.sub(r"\s+", "", text).lstrip("#")[:128]


def same_order(dispute: Dispute) -> QuerySet[Dispute]:
    """Return the other disputes of the same order, for the desk."""
    others = Dispute.objects.exclude(pk=dispute.pk)
    return others.filter(order=dispute.order_id) if dispute.order_id else others.none()


def lines_of(dispute: Dispute) -> list[OrderLine]:
    return [row.line for row in dispute.lines.select_related("line").order_by("line__position")]


def parties(order: OrderRecord, lines: Iterable[OrderLine]) -> list[ChannelPartner]:
    """Return the partners credited on these lines now."""
    done = AttributionRun.objects.filter(order=order, state=AttributionRun.State.DONE).order_by("-sequence")
    credits = Credit.objects.filter(run=done.values("pk")[:1], line__in=list(lines))
    return list(ChannelPartner.objects.filter(pk__in=credits.values("partner")).order_by("name", "pk"))
