"""A small world of money in which everything agrees: each relation has at least two children."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from channels.commissions.models import RatingRun
from shop.billing.models import Invoice
from shop.billing.services import credit_notes, invoices, paying, receipts
from shop.buying.services import settlement
from shop.payments.amounts import to_stripe
from shop.payments.models import Payment, Refund
from shop.payments.services import intents, payments, refunds
from shop.returns.models import TakeBack, TakeBackLine
from shop.treasury.reconciling.differences import Period
from tests.factories import paying as attempts
from tests.factories import shop

D = Decimal
LATER = shop.NOW + timedelta(days=1)
PERIOD = Period(first=shop.NOW.date(), last=LATER.date(), currency="EUR", now=LATER)


def paid_by_card(buyer: Any, *lines: Any) -> Any:
    """Return a placed attempt whose payment succeeded."""
    attempt = attempts.begun(buyer, *lines)
    attempts.stripe_says(attempt, "succeeded")
    return settlement.settle(attempt_id=attempt.pk, at=shop.NOW)


def succeeded(payment: Payment) -> Payment:
    """Apply that Stripe says paid."""
    told = payments.apply(
        intent={
            "id": f"pi_{payment.key.hex}", "amount": to_stripe(payment.amount, payment.currency), "status": "succeeded",
            "currency": payment.currency.lower(), "metadata": {intents.PAYMENT_KEY: str(payment.key)},
        },
        at=shop.NOW,
    )  # fmt: skip
    assert told is not None
    return told


def refunded(payment: Payment, amount: str, *, key: str) -> Refund:
    """Return a refund that arrived."""
    refund = refunds.request_refund(payment_id=payment.pk, amount=D(amount), key=key, reason="broken", at=shop.NOW)
    Refund.objects.filter(pk=refund.pk).update(state=Refund.State.SUCCEEDED)
    return refund


def credited(invoice: Invoice, *, key: str, quantity: int = 1) -> Decimal:
    """Issue a credit note over units of the first line, and return its total."""
    taken = TakeBack.objects.create(key=key, order=invoice.order, kind="refund", reason="broken", at=shop.NOW)
    line = invoice.order.lines.order_by("pk").first()
    net, gross = (amount * quantity / line.quantity for amount in (line.line_price_excl_tax, line.line_price_incl_tax))
    TakeBackLine.objects.create(take_back=taken, line=line, quantity=quantity, net=net, gross=gross)
    return credit_notes.issue(take_back=taken, invoice=invoices.lock(invoice.pk)).total_incl_tax


def agreeing() -> SimpleNamespace:
    """Two card orders, one of them refunded in two parts; two invoices paid in parts; a joint payment; a transfer."""
    buyer = shop.buyer()
    card = paid_by_card(buyer, (shop.product(price="100.00", stock=9), 2), (shop.product(price="10.10", stock=9), 1))
    returned = paid_by_card(buyer, (shop.product(price="80.00", stock=9), 4))
    for key in ("one", "two"):
        amount = credited(returned.order.invoice, key=key)
        refunded(returned.payment, str(amount), key=key)
        invoices.pay_back(
            invoice_id=returned.order.invoice.pk, amount=amount, key=f"back:{key}", at=shop.NOW,
            payment=returned.payment,
        )  # fmt: skip
    parts, joint, other, opened = (
        shop.place(buyer, (shop.product(price="200.00"), 1), (shop.product(price="0.10"), 3)).invoice for _ in range(4)
    )
    for key, amount in (("a", D("100.10")), ("b", parts.amount_due - D("100.10"))):
        invoices.record_payment(invoice_id=parts.pk, amount=amount, key=key, at=shop.NOW)
    payment = paying.start(invoices=[joint, other], company=buyer.company, kind="card", at=shop.NOW)
    invoices.record_payment(invoice_id=other.pk, amount=D("50.00"), key="other", at=shop.NOW)
    paying.settle(succeeded(payment), shop.NOW)  # what was paid otherwise is a deposit now, which pays `opened` in part
    receipt = receipts.receive(
        amount=D("20.00"), currency="EUR", key="transfer", at=shop.NOW, reference=opened.number, company=buyer.company
    )
    RatingRun.objects.update(state=RatingRun.State.DONE)  # what a task does after the commit
    return SimpleNamespace(
        buyer=buyer, card=card, returned=returned, parts=parts, joint=joint, other=other, opened=opened,
        payment=payment, receipt=receipt,
    )  # fmt: skip
