"""What partners hear of the renewals they look after, and what they did about them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels.contracts import Medium, SharingLevel, TouchKind, TouchpointFacts
from channels.core.ids import key
from channels.journeys.models import RenewalActivity, Sharing, SubscriptionProfile, Touchpoint
from channels.journeys.selectors.choices import partners_of_record
from channels.journeys.services.touchpoints import record_touchpoint
from channels.notices.services import tell
from channels.partners.models import ChannelPartner

Kind = RenewalActivity.Kind
# What a person did with the customer counts as a touch; what was only written or noted down does not.
TOUCHES: dict[str, tuple[TouchKind, Medium]] = {
    Kind.CALL: (TouchKind.CALL, Medium.PARTNER_PORTAL),
    Kind.MEETING: (TouchKind.VISIT, Medium.PARTNER_PORTAL),
}
# Later nobody remembers, and evidence written after the fact is none.
LOG_WITHIN = timedelta(days=30)
SOON = gettext_noop("A renewal of %(company)s in %(days)s days")
SOON_BODY = gettext_noop(
    "It is due on %(day)s. Under Renewals you see what it is worth, and note what you do about it."
)


class ActivityRefused(Exception):
    """The activity was not kept; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What somebody did about a renewal on a day, and what comes next."""

    kind: str
    on: date
    note: str = ""
    next_step: str = ""
    next_on: date | None = None


@transaction.atomic
def tell_of_renewal(*, subscription_key: str, days: int, at: datetime) -> bool:
    """Tell the company's partner of record that a renewal comes near, unless the company wants it otherwise.

    False when there is nobody to tell. Safe to repeat.
    """
    subscription = SubscriptionProfile.objects.select_related("company").filter(key=subscription_key).first()
    if subscription is None or subscription.renews_on is None:
        return False
    company = subscription.company
    code = partners_of_record(company_keys=[company.key], at=at).get(company.key)
    if code is None:
        return False
    partner = ChannelPartner.objects.get(code=code)
    said = Sharing.objects.filter(company=company, partner=partner).last()
    if said is not None and not said.is_told:
        return False
    is_named = said is None or said.level > SharingLevel.QUOTAS
    tell(
        partner_id=partner.pk, kind="renewal.soon", subject=SOON, body=SOON_BODY, path="/portal/renewals/", at=at,
        key=key("renewal", subscription.key, subscription.renews_on.isoformat(), str(days)),
        params={
            "company": company.name if is_named else "–", "days": str(days), "day": subscription.renews_on.isoformat(),
        },
    )  # fmt: skip
    return True


@transaction.atomic
def log_activity(
    *,
    subscription: SubscriptionProfile,
    partner: ChannelPartner,
    activity: Activity,
    token: UUID,
    at: datetime,
    by: AbstractBaseUser,
) -> RenewalActivity:
    """Keep what was done about the renewal; a call or a meeting becomes a touchpoint with it.

    The caller has checked that the partner looks after the company and that the company shows itself to it. The same
    `token` again returns the first row. Raises ActivityRefused for a day to come, or one too long ago.
    """
    if known := RenewalActivity.objects.filter(key=token).first():
        if known.partner_id != partner.pk:
            raise ActivityRefused(_("Reload the page and try again."))
        return known
    today = at.astimezone(UTC).date()
    if activity.on > today:
        raise ActivityRefused(_("Note what was done when it is done; what you plan is a next step."))
    if activity.on < today - LOG_WITHIN:
        raise ActivityRefused(_("This is too long ago to be noted. Choose a day of the last 30 days."))
    if subscription.renews_on is None:
        raise ActivityRefused(_("This subscription does not renew."))
    return RenewalActivity.objects.create(
        key=token,
        subscription=subscription,
        partner=partner,
        due_on=subscription.renews_on,
        kind=activity.kind,
        on=activity.on,
        note=activity.note,
        next_step=activity.next_step,
        next_on=activity.next_on,
        touchpoint=_touch(subscription, partner, activity, at, by),
        at=at,
        by_id=by.pk,
    )


def _touch(
    subscription: SubscriptionProfile,
    partner: ChannelPartner,
    activity: Activity,
    at: datetime,
    by: AbstractBaseUser,
) -> Touchpoint | None:
    """One touch for a partner, company and day, however often it is written down."""
    if activity.kind not in TOUCHES:
        return None
    kind, medium = TOUCHES[Kind(activity.kind)]
    moment = min(datetime.combine(activity.on, time(12), tzinfo=UTC), at)
    facts = TouchpointFacts(
        key=key("renewal-activity", partner.code, subscription.company.key, activity.on.isoformat()),
        kind=kind,
        medium=medium,
        at=moment,
        partner_code=partner.code,
        company_key=subscription.company.key,
        recorded_by_id=by.pk,
        note=activity.note,
        evidence={"subscription": subscription.key, "renews_on": str(subscription.renews_on)},
    )
    return Touchpoint.objects.get(key=facts.key) if record_touchpoint(facts) else None
