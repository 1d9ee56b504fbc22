"""What beat runs. Each task is safe twice, and twice at once."""

from celery import shared_task
from django.utils import timezone

from shop.operations import schedule


@shared_task
def heal() -> None:
    """Retry attributions and ratings that were lost or failed."""
    schedule.heal(now=timezone.now())


@shared_task
def run_due() -> None:
    """Renew subscriptions, release holds and close statements that are due."""
    schedule.run_due(now=timezone.now())
