"""What follows an order or an uploaded file after its commit. Safe twice, and twice at once."""

from celery import shared_task
from django.utils import timezone

from channels.journeys.services import attribution, touch_imports


@shared_task(name="channels.journeys.tasks.attribute_order")
def attribute_order(run_id: int) -> None:
    """Attribute an order; a failure stays on the run for the sweeper."""
    attribution.attribute(run_id=run_id, now=timezone.now())


@shared_task(name="channels.journeys.tasks.work_on_touch_import")
def work_on_touch_import(import_id: int) -> None:
    """Check a file of touchpoints, or add its rows; a failure stays on it, and a person sends it again."""
    touch_imports.work_on(import_id=import_id, now=timezone.now())
