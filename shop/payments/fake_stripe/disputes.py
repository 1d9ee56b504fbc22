"""Disputes: a payer's bank takes the money back, and is asked to think again."""

from typing import Any

from shop.payments.fake_stripe import charges, store

KIND = "dispute"
ANSWER_WITHIN = 7 * 24 * 3600  # seconds


def retrieve(dispute_id: str, _params: object = None) -> dict[str, Any]:
    return store.get(KIND, dispute_id)


def open_for(intent: dict[str, Any], *, reason: str = "fraudulent", is_inquiry: bool = False) -> dict[str, Any]:
    charge = charges.of(intent)
    dispute = {
        "id": store.new_id("du"), "object": KIND, "amount": charge["amount"], "balance_transactions": [],
        "charge": charge["id"], "created": store.seconds(), "currency": charge["currency"],
        "enhanced_eligibility_types": [], "evidence": {},
        "evidence_details": {
            "due_by": store.seconds() + ANSWER_WITHIN, "has_evidence": False, "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": is_inquiry, "livemode": False, "metadata": {}, "payment_intent": intent["id"],
        "reason": reason, "status": "warning_needs_response" if is_inquiry else "needs_response",
    }  # fmt: skip
    store.add(KIND, dispute)
    charge["disputed"] = not is_inquiry
    store.save(charge)
    store.note_event("charge.dispute.created", dispute)
    if not is_inquiry:
        store.note_event("charge.dispute.funds_withdrawn", dispute)
    return dispute


def turn(dispute_id: str, status: str) -> dict[str, Any]:
    """Our answer was sent (`under_review`), or the bank decided (`won`, `lost`, `warning_closed`)."""
    dispute = retrieve(dispute_id) | {"status": status}
    store.save(dispute)
    is_over = status in ("won", "lost", "warning_closed")
    store.note_event("charge.dispute.closed" if is_over else "charge.dispute.updated", dispute)
    if status == "won":
        charge = store.get(charges.KIND, dispute["charge"])
        store.save({**charge, "disputed": False})
        store.note_event("charge.dispute.funds_reinstated", dispute)
    return dispute
