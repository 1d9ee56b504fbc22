"""What follows an order, out of the buyer's way."""

from celery import shared_task

from shop.buying.models import CheckoutAttempt
from shop.buying.services import after_placing, letters
from shop.forks.order.models import Order


@shared_task(name="shop.buying.tasks.follow_up", acks_late=False)
def follow_up(order_id: int, *, notify: bool) -> None:
    """Mail, count and check stock. Taken once at most, unlike our other tasks: a second mail would confuse the buyer."""
    after_placing.follow_up(order_id, notify=notify)


@shared_task(name="shop.buying.tasks.tell_of_refund", acks_late=False)
def tell_of_refund(attempt_id: int) -> None:
    """Tell the buyer that the order could not be placed and the money goes back. Taken once at most."""
    letters.tell_refunded(CheckoutAttempt.objects.select_related("user", "payment").get(pk=attempt_id))


@shared_task(name="shop.buying.tasks.tell_of_bounce", acks_late=False)
def tell_of_bounce(order_id: int) -> None:
    """Tell buyer and payer that the bank returned the debit. Taken once at most."""
    letters.tell_bounced(Order.objects.select_related("purchase__company", "invoice").get(pk=order_id))
