"""What follows a fact after its commit. Safe twice, and twice at once; lost tasks are found by `heal`."""

from celery import shared_task
from django.utils import timezone

from channels.commissions.services import rating


@shared_task(name="channels.commissions.tasks.rate_order")
def rate_order(run_id: int) -> None:
    """Rate an order; a failure stays on the run for the sweeper."""
    rating.rate(run_id=run_id, now=timezone.now())
