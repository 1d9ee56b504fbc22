"""Disputes: the payer's bank asks for the money back. Recorded, and told to finance, which answers at Stripe."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import signature
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse

from shop.companies import confirmations
from shop.payments import gateway
from shop.payments.amounts import from_stripe
from shop.payments.models import Dispute, Payment
from shop.payments.services.history import changed

State = Dispute.State
ORDER = list(State.values)  # a state only moves to one further down
OVER = (State.CLOSED, State.WON, State.LOST)
TOLD_WITHIN = timedelta(days=7)  # an older one, found late, stands on the page
STATES = {
    "warning_needs_response": State.INQUIRY, "warning_under_review": State.INQUIRY, "warning_closed": State.CLOSED,
    "needs_response": State.NEEDS_RESPONSE, "under_review": State.UNDER_REVIEW, "won": State.WON, "lost": State.LOST,
    "prevented": State.CLOSED,
}  # fmt: skip


@transaction.atomic
def apply_dispute(*, dispute: Mapping[str, Any], at: datetime) -> Dispute | None:
    """Take in how Stripe says that a dispute stands; None for one of a payment that is not ours."""
    payment = Payment.objects.select_for_update().filter(intent_id=dispute.get("payment_intent") or "").first()
    if payment is None:
        return None
    state = STATES[dispute["status"]]
    row = Dispute.objects.filter(dispute_id=dispute["id"]).first()
    if row is not None and ORDER.index(state) <= ORDER.index(row.state):
        return row
    if row is None:
        row = Dispute(payment=payment, dispute_id=dispute["id"], opened_at=_moment(dispute["created"]))
        transaction.on_commit(lambda: _tell_later(row.pk), robust=True)
    row.state, row.updated_at = state, at
    row.amount = from_stripe(dispute["amount"], dispute["currency"])
    row.reason = (dispute.get("reason") or "")[:60]
    due = (dispute.get("evidence_details") or {}).get("due_by")
    row.evidence_due_at = _moment(due) if due else None
    row.save()
    changed(payment, what=f"dispute:{state}", at=at, data={"dispute": row.dispute_id, "amount": str(row.amount)})
    return row


def refresh_dispute(*, dispute_id: int, at: datetime) -> None:
    """Ask Stripe how a dispute stands. Raises ProviderAway."""
    row = Dispute.objects.get(pk=dispute_id)
    apply_dispute(dispute=gateway.ask(lambda v1: v1.disputes.retrieve(row.dispute_id)), at=at)


def tell_of(*, dispute_id: int, at: datetime) -> bool:
    """Mail finance that a dispute was opened, once; False when that was done."""
    row = Dispute.objects.select_related("payment__company").get(pk=dispute_id)
    if not Dispute.objects.filter(pk=dispute_id, told_at=None).update(told_at=at):
        return False
    path = reverse("payment_disputes")
    people = get_user_model().objects.with_perm(
        "shop_payments.view_dispute", backend="django.contrib.auth.backends.ModelBackend", include_superusers=False
    )
    for person in people.exclude(email="").order_by("pk"):
        confirmations.mail("dispute_opened", to=person.email, dispute=row, path=path)
    return True


def tell_waiting(*, now: datetime) -> int:
    """Mail of the disputes whose task was lost."""
    waiting = Dispute.objects.filter(told_at=None, opened_at__gt=now - TOLD_WITHIN).values_list("pk", flat=True)
    return sum(tell_of(dispute_id=pk, at=now) for pk in list(waiting))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _tell_later(dispute_id: int) -> None:
    signature("shop.payments.tasks.tell_of_dispute", args=(dispute_id,)).delay()
