"""What banks do later: debits arrive or come back, refunds land, payers dispute. Each act is a request of its own."""

from typing import Any

from django.db import transaction

from shop.payments.fake_stripe import disputes, payment_intents, payment_methods, refunds
from shop.payments.models import FakeObject

RETURNED = {
    "type": "invalid_request_error", "code": "insufficient_funds",
    "message": "The customer's account has insufficient funds to cover this payment.",
}  # fmt: skip


@transaction.atomic
def settle(intent_id: str) -> dict[str, Any]:
    """A debit arrives, or comes back, as its account does; what is not on its way stays as it is."""
    intent = payment_intents.retrieve(intent_id)
    if intent["status"] != "processing":
        return intent
    instrument, _is_set_up = payment_methods.instrument_of(intent["payment_method"])
    return payment_intents.fail(intent, RETURNED) if instrument.comes_back else payment_intents.succeed(intent)


def settle_all() -> int:
    """Let all debits arrive or come back; return how many."""
    rows = FakeObject.objects.filter(kind=payment_intents.KIND, data__status="processing").order_by("sequence")
    return len([settle(pk) for pk in list(rows.values_list("pk", flat=True))])


@transaction.atomic
def turn_refund(refund_id: str, status: str) -> dict[str, Any]:
    return refunds.turn(refund_id, status)


@transaction.atomic
def dispute(intent_id: str, *, is_inquiry: bool = False) -> dict[str, Any]:
    return disputes.open_for(payment_intents.retrieve(intent_id), is_inquiry=is_inquiry)


@transaction.atomic
def turn_dispute(dispute_id: str, status: str) -> dict[str, Any]:
    return disputes.turn(dispute_id, status)
