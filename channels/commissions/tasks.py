"""What follows a fact after its commit. Safe twice, and twice at once; lost tasks are found by `heal`."""

from celery import shared_task
from django.utils import timezone

from channels.commissions.services import payee_mail, payout_batches, payout_sending, rating, simulations


@shared_task(name="channels.commissions.tasks.rate_order")
def rate_order(run_id: int) -> None:
    """Rate an order; a failure stays on the run for the sweeper."""
    rating.rate(run_id=run_id, now=timezone.now())


@shared_task(name="channels.commissions.tasks.simulate_programme")
def simulate_programme(run_id: int, attempt: int) -> None:
    """Replay past orders under a draft; a failure stays on the run, and a person starts it again."""
    simulations.execute(run_id=run_id, attempt=attempt, clock=timezone.now)


@shared_task(name="channels.commissions.tasks.send_payouts")
def send_payouts(batch_id: int) -> None:
    """Send a batch; what a crash leaves behind is found by `heal`."""
    payout_batches.run(batch_id=batch_id, now=timezone.now())


@shared_task(name="channels.commissions.tasks.recall_payout")
def recall_payout(recall_id: int) -> None:
    """Ask the provider for a transfer back."""
    payout_sending.take_back(recall_id=recall_id, now=timezone.now())


@shared_task(name="channels.commissions.tasks.mail_payout_details")
def mail_payout_details(details_id: int) -> None:
    """Warn the organisation's own address of a change that its people are told of."""
    payee_mail.warn(details_id=details_id)
