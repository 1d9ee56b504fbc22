"""What follows a fact after its commit. Safe twice, and twice at once; lost tasks are found by `heal`."""

from celery import shared_task
from django.utils import timezone

from channels.commissions.services import rating, simulations


@shared_task(name="channels.commissions.tasks.rate_order")
def rate_order(run_id: int) -> None:
    """Rate an order; a failure stays on the run for the sweeper."""
    rating.rate(run_id=run_id, now=timezone.now())


@shared_task(name="channels.commissions.tasks.simulate_programme")
def simulate_programme(run_id: int, attempt: int) -> None:
    """Replay past orders under a draft; a failure stays on the run, and a person starts it again."""
    simulations.execute(run_id=run_id, attempt=attempt, clock=timezone.now)
