"""Telling partners: a notice in the caller's transaction, and an e-mail after its commit."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from celery import signature
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import translate_url
from django.utils import translation

from channels.notices.models import Notice
from channels.notices.selectors import addressees, letter
from channels.partners.models import PartnerMember

logger = logging.getLogger(__name__)

# What is told of long ago (a history loaded, a month closed late) stands on the page and is not mailed.
MAIL_WITHIN = timedelta(days=7)
LEASE = timedelta(minutes=10)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


@transaction.atomic
def tell(
    *,
    partner_id: int,
    kind: str,
    subject: Any,
    body: Any,
    path: str = "",
    key: str,
    at: datetime,
    audience: str = Notice.Audience.ALL,
    params: Mapping[str, str] | None = None,
) -> Notice:
    """Tell a partner something, in the caller's transaction; the same key again tells nothing.

    `subject` and `body` are source texts (gettext_noop or gettext_lazy) with `%(name)s` for each of `params`. After the
    commit a task mails it to the partner's active people; when the task is lost, `mail_waiting` finds the notice.
    """
    address = translate_url(path, settings.LANGUAGE_CODE) if path else ""
    with translation.override("en"):  # the source text of a lazy one, whoever acts
        texts = {"subject": str(subject)[:200], "body": str(body)}
    notice, is_new = Notice.objects.get_or_create(
        key=key,
        defaults={
            **texts, "partner_id": partner_id, "kind": kind, "path": address, "at": at,
            "audience": Notice.Audience(audience), "params": dict(params or {}),
        },
    )  # fmt: skip
    if is_new:
        transaction.on_commit(lambda: _send(notice.pk), robust=True)
    return notice


def mark_read(*, notices: QuerySet[Notice], at: datetime) -> int:
    """Mark these as read; what was read before keeps its day."""
    return notices.filter(read_at__isnull=True).update(read_at=at)


def mail_waiting(*, now: datetime) -> int:
    """Mail the notices whose e-mail was lost or failed; each waits for a pause that doubles."""
    waiting = Notice.objects.filter(mailed_at__isnull=True, at__gt=now - MAIL_WITHIN, at__lte=now)
    free = waiting.filter(Q(mail_leased_until__isnull=True) | Q(mail_leased_until__lte=now))
    return sum(mail(notice_id=pk, now=now) for pk in free.order_by("at", "pk").values_list("pk", flat=True)[:200])


def mail(*, notice_id: int, now: datetime) -> bool:
    """Mail a notice to those who have it not yet. Two at once: the lease lets one of them.

    Nothing is locked while the mail server is spoken to; a process that dies there writes twice to one person at most.
    """
    free = Q(mail_leased_until__isnull=True) | Q(mail_leased_until__lte=now)
    row = Notice.objects.filter(free, pk=notice_id, mailed_at__isnull=True, at__gt=now - MAIL_WITHIN)
    if not row.update(mail_leased_until=now + LEASE, mail_attempts=F("mail_attempts") + 1):
        return False
    notice = Notice.objects.select_related("partner").get(pk=notice_id)
    try:
        for member in addressees(notice):
            _mail_to(member, notice)
            notice.mailed_to.append(member.user_id)
            notice.save(update_fields=["mailed_to"])
    except Exception:
        logger.exception("Notice %s could not be mailed; it is tried again.", notice_id)
        pause = min(FIRST_PAUSE * 2 ** min(notice.mail_attempts - 1, 16), LONGEST_PAUSE)
        Notice.objects.filter(pk=notice_id).update(mail_leased_until=now + pause)
        return False
    Notice.objects.filter(pk=notice_id).update(mailed_at=now, mail_leased_until=None)
    return True


def _mail_to(member: PartnerMember, notice: Notice) -> None:
    with translation.override(member.language or settings.LANGUAGE_CODE):
        context = {
            "letter": letter(notice),
            "partner": notice.partner,
            "name": member.user.get_full_name(),
            "shop_name": settings.OSCAR_SHOP_NAME,
            "base_url": settings.BASE_URL,
        }
        subject, _, body = render_to_string("emails/partner_notice.txt", context).strip().partition("\n")
    send_mail(subject.strip(), body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [getattr(member.user, "email", "")])


def _send(notice_id: int) -> None:
    """Hand the notice to the task, by name: tasks import services, never the other way round."""
    signature("channels.notices.tasks.mail_notice").delay(notice_id)
