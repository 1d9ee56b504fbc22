"""What follows an order after its commit. Safe twice, and twice at once."""

from celery import shared_task
from django.utils import timezone

from channels.journeys.services import attribution


@shared_task(name="channels.journeys.tasks.attribute_order")
def attribute_order(run_id: int) -> None:
    """Attribute an order; a failure stays on the run for the sweeper."""
    attribution.attribute(run_id=run_id, now=timezone.now())
