"""The renewals that a partner looks after, with what its people did about each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from channels.journeys.models import Relationship, RenewalActivity, SubscriptionProfile
from channels.partners.models import ChannelPartner
from channels.portal.selectors.overview import running

PIPELINE_DAYS = 120


@dataclass(frozen=True, slots=True)
class Renewal:
    """A subscription that renews, and the partner's activities about this renewal, the latest first."""

    subscription: SubscriptionProfile
    activities: tuple[RenewalActivity, ...]

    @property
    def latest(self) -> RenewalActivity | None:
        return self.activities[0] if self.activities else None


def looked_after(partner: ChannelPartner, *, now: datetime) -> QuerySet[SubscriptionProfile]:
    """Return the subscriptions that renew, of the companies whose renewal steward the partner is today."""
    stewarded = running(partner, at=now).filter(role=Relationship.Role.RENEWAL_STEWARD)
    rows = SubscriptionProfile.objects.filter(
        company__in=stewarded.values("company"), status__in=("active", "past_due"), renews_on__isnull=False
    )
    return rows.select_related("company").order_by("renews_on", "pk")


def pipeline(partner: ChannelPartner, *, now: datetime, days: int = PIPELINE_DAYS) -> QuerySet[SubscriptionProfile]:
    """Return those of the next days, what is past due first."""
    until = now.astimezone(UTC).date() + timedelta(days=days)
    return looked_after(partner, now=now).filter(renews_on__lt=until)


def with_activities(partner: ChannelPartner, rows: Iterable[SubscriptionProfile]) -> list[Renewal]:
    """Return the renewals with the partner's own activities, in one query."""
    subscriptions = list(rows)
    found: dict[tuple[int, object], list[RenewalActivity]] = {}
    activities = RenewalActivity.objects.filter(partner=partner, subscription__in=subscriptions).select_related("by")
    for row in activities.order_by("-on", "-pk"):
        found.setdefault((row.subscription_id, row.due_on), []).append(row)
    return [Renewal(row, tuple(found.get((row.pk, row.renews_on), ()))) for row in subscriptions]
