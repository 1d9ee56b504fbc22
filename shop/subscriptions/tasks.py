"""The e-mail that follows a notice after its commit. Safe twice, and twice at once."""

from celery import shared_task
from django.utils import timezone

from shop.subscriptions.services import notices


@shared_task
def mail_notice(notice_id: int) -> None:
    """Mail a notice; a failure leaves it for the next run."""
    notices.mail(notice_id=notice_id, now=timezone.now())
