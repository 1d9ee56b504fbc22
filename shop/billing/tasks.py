"""What billing does after a commit. Each task is safe twice, and twice at once."""

from celery import shared_task
from django.utils import timezone

from shop.billing.services import reminders


@shared_task
def mail_reminder(reminder_id: int) -> None:
    """Mail one reminder."""
    reminders.mail(reminder_id=reminder_id, now=timezone.now())
