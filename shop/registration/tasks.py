"""What follows a registration after its commit. Safe twice, and twice at once."""

from celery import shared_task
from django.utils import timezone

from shop.registration.services import vat_checks


@shared_task(name="shop.registration.tasks.check_vat_id")
def check_vat_id(check_id: int) -> None:
    """Ask the register about a VAT id; without an answer the sweeper asks again."""
    vat_checks.check(check_id=check_id, now=timezone.now())
