"""Registrations that nobody confirmed are forgotten: somebody's name and password digest, kept for nothing."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from shop.registration.models import Application

AT_ONCE = 500
State = Application.State


def purge(*, now: datetime) -> int:
    """Delete what was not confirmed within REGISTRATION_KEEP_DAYS, with its company and account; return how many.

    Nobody is told, and the address may register again. Safe at any moment: who confirms meanwhile stays.
    """
    before = now - timedelta(days=settings.REGISTRATION_KEEP_DAYS)
    old = Application.objects.filter(state=State.UNCONFIRMED, submitted_at__lt=before).order_by("submitted_at", "pk")
    return sum(_forget(pk, before=before) for pk in old.values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _forget(application_id: int, *, before: datetime) -> bool:
    rows = Application.objects.select_for_update(of=("self",), skip_locked=True).select_related("company", "applicant")
    application = rows.filter(pk=application_id, state=State.UNCONFIRMED, submitted_at__lt=before).first()
    if application is None:
        return False
    application.delete()
    application.company.delete()
    if application.applicant is not None and not application.applicant.is_active:
        application.applicant.delete()
    return True
