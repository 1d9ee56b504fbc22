"""What follows an order, out of the buyer's way."""

from celery import shared_task

from shop.buying.services import after_placing


@shared_task(name="shop.buying.tasks.follow_up", acks_late=False)
def follow_up(order_id: int, *, notify: bool) -> None:
    """Mail, count and check stock. Taken once at most, unlike our other tasks: a second mail would confuse the buyer."""
    after_placing.follow_up(order_id, notify=notify)
