"""What follows an uploaded file of prices after its commit. Safe twice, and twice at once."""

from celery import shared_task
from django.utils import timezone

from shop.pricing.desk.services import imports


@shared_task(name="shop.pricing.desk.tasks.work_on_price_import")
def work_on_price_import(import_id: int) -> None:
    """Check a file of prices, or take it over; a failure stays on it, and a person sends it again."""
    imports.work_on(import_id=import_id, clock=timezone.now)
