"""What becomes of payments, as the events that Stripe would send of it, in the order in which it happened."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import cycle
from typing import Any

from shop.payments.models import Dispute, Payment, Refund, StripeCustomer
from tests.factories import shop
from tests.factories.payments import NOW

Event = dict[str, Any]
DECLINE = {"code": "card_declined", "decline_code": "generic_decline", "message": "Your card was declined."}
NO_FUNDS = {"code": "insufficient_funds", "message": "The account has insufficient funds."}


class Story:
    """One payment, and a clock that moves a second with each event."""

    def __init__(self, payment: Payment) -> None:
        self.payment, self.seconds = payment, 0
        self.events: list[Event] = []

    def _tell(self, kind: str, data: Event) -> None:
        self.seconds += 1
        self.events.append({
            "id": f"evt_{self.payment.pk}_{self.seconds}", "object": "event", "type": kind,
            "created": int(NOW.timestamp()) + self.seconds, "data": {"object": data},
        })  # fmt: skip

    def intent(self, kind: str, status: str, error: Event | None = None) -> None:
        self._tell(f"payment_intent.{kind}", {
            "id": self.payment.intent_id, "object": "payment_intent", "amount": 10000, "currency": "eur",
            "client_secret": f"{self.payment.intent_id}_secret", "last_payment_error": error, "status": status,
            "metadata": {"accord_payment": str(self.payment.key)},
        })  # fmt: skip

    def refund(self, name: str, amount: int, status: str) -> None:
        self._tell("refund.updated", {
            "id": f"re_{self.payment.pk}_{name}", "object": "refund", "amount": amount, "currency": "eur",
            "payment_intent": self.payment.intent_id, "status": status, "metadata": {}, "reason": None,
            "failure_reason": "expired_or_canceled_card" if status == "failed" else None,
        })  # fmt: skip

    def dispute(self, status: str) -> None:
        self._tell("charge.dispute.updated", {
            "id": f"du_{self.payment.pk}", "object": "dispute", "amount": 10000, "currency": "eur",
            "payment_intent": self.payment.intent_id, "status": status, "reason": "fraudulent",
            "created": int(NOW.timestamp()), "evidence_details": {"due_by": int(NOW.timestamp()) + 3600},
        })  # fmt: skip


def three_d_secure(story: Story) -> None:
    story.intent("created", "requires_payment_method")
    story.intent("requires_action", "requires_action")
    story.intent("succeeded", "succeeded")


def declined_first(story: Story) -> None:
    story.intent("created", "requires_payment_method")
    story.intent("payment_failed", "requires_payment_method", DECLINE)
    story.intent("payment_failed", "requires_payment_method", {"code": "expired_card", "message": "It has expired."})
    story.intent("succeeded", "succeeded")
    story.refund("part", 2500, "succeeded")


def only_declined(story: Story) -> None:
    story.intent("created", "requires_payment_method")
    story.intent("payment_failed", "requires_payment_method", NO_FUNDS)
    story.intent("payment_failed", "requires_payment_method", DECLINE)


def given_up(story: Story) -> None:
    story.intent("created", "requires_payment_method")
    story.intent("requires_action", "requires_action")
    story.intent("canceled", "canceled")


def debit(story: Story) -> None:
    story.intent("processing", "processing")
    story.intent("succeeded", "succeeded")
    story.refund("all", 10000, "pending")
    story.refund("all", 10000, "failed")
    story.refund("again", 10000, "pending")
    story.refund("again", 10000, "succeeded")


def returned_debit(story: Story) -> None:
    story.intent("processing", "processing")
    story.intent("payment_failed", "requires_payment_method", NO_FUNDS)


def disputed(story: Story) -> None:
    story.intent("processing", "processing")
    story.intent("succeeded", "succeeded")
    story.dispute("needs_response")
    story.dispute("under_review")
    story.dispute("lost")


DEBITS = (debit, returned_debit)
PLOTS: tuple[Callable[[Story], None], ...] = (
    three_d_secure, declined_first, only_declined, given_up, debit, returned_debit, disputed,
)  # fmt: skip


def told(number: int, name: str = "test") -> list[Event]:
    """Return the events of so many payments that wait at Stripe, each payment's in their order."""
    company = shop.company()
    StripeCustomer.objects.create(company=company, customer_id=f"cus_{name}", created_at=NOW)
    plots = [plot for plot, _n in zip(cycle(PLOTS), range(number), strict=False)]
    rows = Payment.objects.bulk_create(
        Payment(
            reference=f"{name}:{n}", company=company, kind="bank_debit" if plot in DEBITS else "card",
            amount=Decimal(100), currency="EUR", intent_id=f"pi_{name}_{n}", created_at=NOW, updated_at=NOW,
        )
        for n, plot in enumerate(plots)
    )  # fmt: skip
    return [event for row, plot in zip(rows, plots, strict=True) for event in _events(row, plot)]


def _events(payment: Payment, plot: Callable[[Story], None]) -> Iterator[Event]:
    story = Story(payment)
    plot(story)
    yield from story.events


def outcome() -> dict[str, list[tuple[Any, ...]]]:
    """Return all that webhooks may change, in a fixed order."""
    return {
        "payments": list(
            Payment.objects.order_by("reference").values_list(
                "reference", "state", "amount_refunded", "failure_code", "failure_message", "client_secret"
            )
        ),
        "refunds": list(Refund.objects.order_by("refund_id").values_list("refund_id", "state", "amount")),
        "disputes": list(Dispute.objects.order_by("dispute_id").values_list("dispute_id", "state", "amount")),
    }
