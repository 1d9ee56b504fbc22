"""What happens to payments out of the buyer's way. Each is safe twice, and twice at once; `heal` finds the lost ones."""

import contextlib

from celery import shared_task
from django.utils import timezone

from shop.payments.errors import ProviderAway
from shop.payments.services import disputes, inbox, methods, reconciler, refunds


@shared_task(name="shop.payments.tasks.apply_event")
def apply_event(event_id: int) -> None:
    """Apply an event of the inbox; a failure stays on it."""
    inbox.apply_event(event_id=event_id, at=timezone.now())


@shared_task(name="shop.payments.tasks.send_refund")
def send_refund(refund_id: int) -> None:
    """Send a refund to Stripe."""
    with contextlib.suppress(ProviderAway):
        refunds.send_refund(refund_id=refund_id, at=timezone.now())


@shared_task(name="shop.payments.tasks.describe_method")
def describe_method(method_id: int) -> None:
    """Ask Stripe what a saved method looks like."""
    with contextlib.suppress(ProviderAway):
        methods.describe(method_id=method_id)


@shared_task(name="shop.payments.tasks.detach_method")
def detach_method(method_id: int) -> None:
    """Have Stripe forget a removed method."""
    with contextlib.suppress(ProviderAway):
        methods.detach(method_id=method_id, at=timezone.now())


@shared_task(name="shop.payments.tasks.tell_of_dispute")
def tell_of_dispute(dispute_id: int) -> None:
    """Mail finance about a dispute."""
    disputes.tell_of(dispute_id=dispute_id, at=timezone.now())


@shared_task(name="shop.payments.tasks.reconcile")
def reconcile() -> None:
    """Converge with Stripe without its webhooks."""
    reconciler.reconcile(now=timezone.now())
