"""What happens to returns out of everybody's way. Safe twice, and twice at once; `heal` finds the lost ones."""

from celery import shared_task
from django.utils import timezone

from shop.returns.services import repayments


@shared_task(name="shop.returns.tasks.carry_out")
def carry_out(repayment_id: int) -> None:
    """Turn a released repayment into the company's deposit."""
    repayments.carry_out(repayment_id=repayment_id, at=timezone.now())
