"""Orders that arrived, and returns of them at any stage. Plain functions; each returns what it made."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from shop.billing.services import invoices
from shop.forks.order.models import Order
from shop.fulfilment import deliveries
from shop.payments.models import Payment
from shop.returns.models import ReturnLine, ReturnPolicy, ReturnRequest
from shop.returns.services import goods, grants, requests
from shop.returns.services.goods import Finding
from shop.returns.services.requests import Wanted
from tests.factories import shop

DELIVERED = shop.NOW + timedelta(days=3)
ASKED = DELIVERED + timedelta(days=2)


def later(hours: int) -> datetime:
    return ASKED + timedelta(hours=hours)


def window(days: int = 30, **scope: Any) -> ReturnPolicy:
    return ReturnPolicy.objects.update_or_create(
        **{"company": None, "category": None, "product_class": None, **scope}, defaults={"days": days}
    )[0]


def arrive(order: Order) -> None:
    """Let all of the order arrive, for goods that may come back within thirty days."""
    window()
    deliveries.deliver(order_id=order.pk, at=DELIVERED, now=DELIVERED)


def delivered(person: Any = None, *lines: Any, paid: bool = False, **how: Any) -> Order:
    """Return an order of which everything arrived; `paid` on its invoice, by transfer."""
    order = shop.place(person or shop.buyer(), *(lines or ((shop.product("Probe", stock=10), 3),)), **how)
    arrive(order)
    if paid:
        invoices.mark_paid(invoice_id=order.invoice.pk, at=DELIVERED)
    order.refresh_from_db()
    return order


def paid_by_card(order: Order) -> Payment:
    """Book the invoice as paid by a card's payment that went through."""
    payment = Payment.objects.create(
        reference=f"attempt:{uuid4()}",
        company=order.purchase.company,
        kind="card",
        amount=order.total_incl_tax,
        currency=order.currency,
        state=Payment.State.SUCCEEDED,
        intent_id=f"pi_{uuid4().hex}",
        created_at=shop.NOW,
        updated_at=shop.NOW,
    )
    invoices.record_payment(
        invoice_id=order.invoice.pk, amount=order.total_incl_tax, key=payment.reference, at=DELIVERED, payment=payment
    )
    return payment


def wanted(order: Order, units: int = 1, *, place: int = 0, **values: Any) -> Wanted:
    line = order.lines.order_by("pk")[place]
    return Wanted(**{"line_id": line.pk, "quantity": units, "reason": "damaged", "wish": "refund", **values})


def asked(order: Order, *lines: Wanted, at: datetime = ASKED, by: Any = None) -> ReturnRequest:
    return requests.ask(
        order_id=order.pk, key=uuid4(), lines=list(lines) or [wanted(order)], at=at, by=by or order.user
    )


def received(order: Order, *lines: Wanted, by: Any = None) -> ReturnRequest:
    made = asked(order, *lines)
    requests.approve(request_id=made.pk, at=later(1), by=by)
    units = {line.pk: line.quantity for line in made.lines.all()}
    return goods.receive(request_id=made.pk, quantities=units, at=later(2), by=by)


def inspected(order: Order, *lines: Wanted, restock: bool = False, by: Any = None) -> ReturnRequest:
    """Accept all that was received, as it was wished for."""
    made = received(order, *lines, by=by)
    findings = {line.pk: accepted(line, restock=restock) for line in made.lines.all()}
    return goods.inspect(request_id=made.pk, findings=findings, at=later(3), by=by)


def accepted(line: ReturnLine, *, restock: bool = False) -> Finding:
    units = line.received or 0
    return Finding(condition="as_new", accepted=units, outcome=line.wish, restock=units if restock else 0)


def granted(order: Order, *lines: Wanted, restock: bool = False, by: Any = None) -> ReturnRequest:
    made = inspected(order, *lines, restock=restock, by=by)
    return grants.grant(request_id=made.pk, at=later(4), by=by)


def cents(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]
