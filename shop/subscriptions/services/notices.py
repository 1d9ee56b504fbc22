"""What is written about a renewal: kept with what it tells of, in one transaction, and mailed after the commit."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override
from kombu.exceptions import OperationalError

from channels import api
from shop.companies.capabilities import StandardRole
from shop.companies.selectors import membership_in
from shop.subscriptions.models import Plan, RenewalNotice, Subscription, SubscriptionEvent
from shop.subscriptions.services import history

logger = logging.getLogger(__name__)
Kind, Reader = RenewalNotice.Kind, RenewalNotice.Reader
# Who reads what. The partner of record hears of it as far as the company lets it know.
READERS: dict[str, tuple[str, ...]] = {
    Kind.ANNOUNCED: (Reader.BUYER, Reader.REP, Reader.PARTNER),
    Kind.REVIEW: (Reader.BUYER, Reader.REP),
    Kind.FAILED: (Reader.BUYER,),
    Kind.ACTION: (Reader.BUYER,),
    Kind.SUSPENDED: (Reader.BUYER, Reader.REP),
    Kind.ENDED: (Reader.BUYER, Reader.REP),
    Kind.CANCELLED: (Reader.BUYER, Reader.REP),
}
# What happened long ago (a history loaded, a store that stood still) is not mailed any more.
MAIL_WITHIN = timedelta(days=7)
LEASE = timedelta(minutes=10)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


def announce_due(*, now: datetime) -> int:
    """Announce the renewals that come near: of each plan's days the latest that was reached, each once.

    After a pause only that one is sent: nobody gets three letters at once.
    """
    today = now.astimezone(UTC).date()
    days_of = {plan.pk: sorted(plan.notice_days) for plan in Plan.objects.exclude(notice_days=[])}
    longest = max((days[-1] for days in days_of.values()), default=0)
    sent = RenewalNotice.objects.filter(
        subscription=OuterRef("pk"), due_on=OuterRef("next_due_on"), kind=Kind.ANNOUNCED, reader=Reader.BUYER
    )
    near = Subscription.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=F("next_due_on")), plan__in=days_of, status__in=Subscription.RUNNING,
        next_due_on__gt=today, next_due_on__lte=today + timedelta(days=longest),
    ).annotate(told=Subquery(sent.order_by("step").values("step")[:1]))  # fmt: skip
    announced = 0
    for pk, due_on, plan_id, told in near.order_by("next_due_on", "pk").values_list(
        "pk", "next_due_on", "plan_id", "told"
    ):
        left = (due_on - today).days
        reached = next((days for days in days_of[plan_id] if left <= days), None)
        if reached is not None and (told is None or reached < told):
            announced += _announce(pk, reached, now)
    return announced


@transaction.atomic
def _announce(pk: int, days: int, now: datetime) -> bool:
    subscription = Subscription.objects.select_for_update(of=("self",)).get(pk=pk)
    told = tell(subscription, Kind.ANNOUNCED, at=now, step=days)
    if told:
        history.note(subscription, SubscriptionEvent.Kind.NOTICE, at=now, days=days, due=subscription.next_due_on)
    return told


def tell(
    subscription: Subscription,
    kind: str,
    *,
    at: datetime,
    due_on: date | None = None,
    step: int = 0,
    **data: Any,
) -> bool:
    """Write to everybody whom it concerns, in the caller's transaction; False when it was written before."""
    due_on = due_on or subscription.next_due_on
    fresh = False
    for reader in READERS[kind]:
        notice, is_new = RenewalNotice.objects.get_or_create(
            subscription=subscription,
            due_on=due_on,
            kind=kind,
            step=step,
            reader=reader,
            defaults={
                "at": at,
                "to": _address(subscription, reader),
                "data": {name: str(v) for name, v in data.items()},
            },
        )
        fresh |= is_new
        if is_new and reader == Reader.PARTNER:
            _tell_partner(subscription, notice)
        elif is_new:
            _schedule(notice.pk)
    return fresh


def _address(subscription: Subscription, reader: str) -> str:
    company = subscription.company
    if reader == Reader.REP:
        rep = company.sales_rep
        return rep.email if rep is not None and rep.is_active else ""
    if reader == Reader.PARTNER:
        return ""
    user = subscription.user
    if user is not None and membership_in(user=user, company=company):
        return user.email
    admin = company.memberships.filter(role=StandardRole.ADMIN, is_active=True).select_related("user").first()
    return admin.user.email if admin else ""


def _tell_partner(subscription: Subscription, notice: RenewalNotice) -> None:
    """A partner's notice is kept, and mailed, by its portal."""
    api.tell_of_renewal(subscription_key=subscription.key, days=notice.step, at=notice.at)
    RenewalNotice.objects.filter(pk=notice.pk).update(mailed_at=notice.at)


def _schedule(notice_id: int) -> None:
    transaction.on_commit(lambda: _send(notice_id), robust=True)


def _send(notice_id: int) -> None:
    """Hand it to a worker; while the broker is away it waits for the next run."""
    from shop.subscriptions.tasks import mail_notice as task

    try:
        task.delay(notice_id)
    except OperationalError:
        logger.warning("The broker is away: renewal notice %s waits for the next run.", notice_id)


def mail_waiting(*, now: datetime) -> int:
    """Mail what was lost or failed; each waits for a pause that doubles."""
    waiting = RenewalNotice.objects.filter(_unleased(now), mailed_at=None, at__gt=now - MAIL_WITHIN, at__lte=now)
    return sum(mail(notice_id=pk, now=now) for pk in waiting.exclude(to="").values_list("pk", flat=True)[:200])


def mail(*, notice_id: int, now: datetime) -> bool:
    """Mail one notice. Two at once: the lease lets one of them. Nothing is locked while the mail server is spoken to."""
    free = RenewalNotice.objects.filter(_unleased(now), pk=notice_id, mailed_at=None, at__gt=now - MAIL_WITHIN)
    if not free.exclude(to="").update(leased_until=now + LEASE, attempts=F("attempts") + 1):
        return False
    notice = RenewalNotice.objects.select_related("subscription__product", "subscription__company").get(pk=notice_id)
    try:
        subject, body = letter(notice)
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [notice.to])
    except Exception:
        logger.exception("Renewal notice %s could not be mailed; it is tried again.", notice_id)
        pause = min(FIRST_PAUSE * 2 ** min(notice.attempts - 1, 16), LONGEST_PAUSE)
        RenewalNotice.objects.filter(pk=notice_id).update(leased_until=now + pause)
        return False
    RenewalNotice.objects.filter(pk=notice_id).update(mailed_at=now, leased_until=None)
    return True


def letter(notice: RenewalNotice) -> tuple[str, str]:
    """Return subject and text of a notice, in the site's language."""
    subscription = notice.subscription
    with override(settings.LANGUAGE_CODE):
        is_rep = notice.reader == Reader.REP
        name = "subscriptions_desk" if is_rep else "customer:subscription"
        context = {
            "notice": notice,
            "subscription": subscription,
            "plan": subscription.plan,
            "net": history.expected_net(subscription),
            "review": subscription.reviews.filter(due_on=notice.due_on).first(),
            "path": reverse(name) if is_rep else reverse(name, kwargs={"pk": subscription.pk}),
            "shop_name": settings.OSCAR_SHOP_NAME,
            "base_url": settings.BASE_URL,
        }
        text = render_to_string(f"emails/renewal_{notice.kind}.txt", context).strip()
    subject, _, body = text.partition("\n")
    return subject.strip(), body.strip() + "\n"


def _unleased(now: datetime) -> Q:
    return Q(leased_until=None) | Q(leased_until__lte=now)
