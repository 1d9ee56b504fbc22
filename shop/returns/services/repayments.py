"""Money back for what was taken back of a paid order: asked for with the credit note, released by finance, followed.

A refund to a card or account exists from the first moment, held: what was paid cannot go back twice meanwhile.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from celery import signature
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from channels import api
from shop.billing.models import Invoice, InvoicePayment
from shop.billing.services import invoices
from shop.credit.services import deposits
from shop.payments.models import Payment, Refund
from shop.payments.services import refunds
from shop.returns.engine.shares import CENT
from shop.returns.errors import FourEyes, NotNow, ReturnRefused
from shop.returns.models import Repayment, TakeBack
from shop.returns.services import settling

PREFIX = "repayment:"
State, Way = Repayment.State, Repayment.Way
NOTHING = Decimal(0)


def lock_payments(invoice: Invoice) -> list[Payment]:
    """Return the payments booked on a locked invoice, under their locks: before the credit account's."""
    return list(
        Payment.objects.select_for_update(of=("self",))
        .filter(pk__in=invoice.payments.filter(payment__isnull=False).values("payment"))
        .order_by("pk")
    )


def ask(*, take_back: TakeBack, invoice: Invoice, payments: Sequence[Payment]) -> list[Repayment]:
    """Ask finance for what is paid too much on a locked, credited invoice: to the cards that paid, the rest by transfer.

    Called in the transaction of the take-back, whose person is the one who granted it.
    """
    left = -invoice.amount_due - _on_its_way(invoice)
    made: list[Repayment] = []
    for payment in payments:
        amount = min(left, payment.refundable, _paid_with(payment, invoice)).quantize(CENT, ROUND_DOWN)
        if amount > 0:
            made.append(_ask(take_back, amount, place=len(made) + 1, payment=payment))
            left -= amount
    if left > 0:
        made.append(_ask(take_back, left, place=len(made) + 1))
    return made


@transaction.atomic
def release(*, repayment_id: int, at: datetime, by: User | None, way: str = "", reference: str = "") -> Repayment:
    """Let a waiting repayment go, or one that failed once more. A card's money is sent by a task after the commit.

    `way` leads elsewhere than planned: once a card's refund has failed, or credit instead of a transfer. A transfer
    takes the bank's `reference`: it is recorded as made. Raises ReturnRefused: FourEyes above the limit, NotNow.
    """
    repayment = _locked(repayment_id)
    if repayment.state not in (State.WAITING, State.FAILED):
        raise NotNow(repayment.take_back.order.number)
    _require_other_eyes(repayment, by)
    _choose(repayment, way or repayment.way, reference)
    is_again = repayment.state == State.FAILED
    repayment.tries += is_again
    repayment.released_at, repayment.released_by, repayment.failure = at, by, ""
    repayment.state = State.RELEASED
    if repayment.way == Way.PAYMENT:
        _send(repayment, at, is_again=is_again)
    else:
        _book(repayment, at)
    repayment.save()
    told = {"amount": str(repayment.amount), "currency": repayment.currency, "way": repayment.way}
    api.record_audit(verb="repayment.released", subject=repayment, at=at, actor=by, data=told)
    if repayment.way == Way.TRANSFER:
        _finish(repayment, at)
    elif repayment.way == Way.CREDIT:
        transaction.on_commit(lambda: _carry_out_later(repayment_id), robust=True)
    return repayment


def carry_out(*, repayment_id: int, at: datetime) -> Repayment:
    """Turn a released repayment into the company's deposit, which pays open invoices. Again changes nothing.

    Two transactions: the deposit locks the credit account before other invoices.
    """
    repayment = Repayment.objects.select_related("take_back__order__purchase__company").get(pk=repayment_id)
    if (repayment.state, repayment.way) != (State.RELEASED, Way.CREDIT):
        return repayment
    order = repayment.take_back.order
    deposits.record(
        company=order.purchase.company, currency=repayment.currency, amount=repayment.amount,
        key=_key(repayment), reference=order.invoice.number, at=at, by=repayment.released_by,
    )  # fmt: skip
    with transaction.atomic():
        repayment = _locked(repayment_id)
        if repayment.state == State.RELEASED:
            _finish(repayment, at)
    return repayment


@transaction.atomic
def follow(refund_id: int, at: datetime) -> None:
    """Take in how a card's refund stands: the money arrived, or it failed, even after it had arrived."""
    pk = Repayment.objects.filter(refund=refund_id).values_list("pk", flat=True).first()
    if pk is None:
        return
    repayment = _locked(pk)
    refund = Refund.objects.get(pk=refund_id)
    if repayment.refund_id != refund_id:  # a later try took its place
        return
    if refund.state == Refund.State.SUCCEEDED and repayment.state == State.RELEASED:
        _book(repayment, at)
        _finish(repayment, at)
    elif refund.state == Refund.State.FAILED and repayment.state in (State.RELEASED, State.DONE):
        if repayment.state == State.DONE:
            invoices.came_back(booking_id=InvoicePayment.objects.get(key=_key(repayment)).pk, at=at)
        repayment.state, repayment.failure, repayment.done_at = State.FAILED, refund.failure[:255], None
        repayment.save(update_fields=["state", "failure", "done_at"])
        settling.bounced(take_back=repayment.take_back, at=at)


def heal(*, now: datetime) -> dict[str, int]:
    """Carry on what a lost task or a lost telling left released. Safe to repeat."""
    moved = 0
    done = Repayment.objects.filter(state=State.DONE, refund__state=Refund.State.FAILED)
    for row in Repayment.objects.filter(state=State.RELEASED) | done:
        if row.way == Way.CREDIT:
            carry_out(repayment_id=row.pk, at=now)
        elif row.refund_id:
            follow(row.refund_id, now)
        moved += Repayment.objects.get(pk=row.pk).state != row.state
    return {"repayments carried on": moved}


def _ask(take_back: TakeBack, amount: Decimal, *, place: int, payment: Payment | None = None) -> Repayment:
    key = f"{PREFIX}{take_back.pk}-{place}"
    refund = None
    if payment:
        refund = refunds.request_refund(
            payment_id=payment.pk, amount=amount, key=f"{key}:1", reason=take_back.reason, by=take_back.by,
            at=take_back.at, is_held=True,
        )  # fmt: skip
    return Repayment.objects.create(
        take_back=take_back,
        key=key,
        amount=amount,
        currency=take_back.order.currency,
        way=Way.PAYMENT if payment else Way.TRANSFER,
        payment=payment,
        refund=refund,
        asked_at=take_back.at,
        asked_by=take_back.by,
    )


def _on_its_way(invoice: Invoice) -> Decimal:
    """What was asked for before and is not booked yet."""
    rows = Repayment.objects.filter(take_back__order=invoice.order_id, state__in=(State.WAITING, State.FAILED))
    sent = Repayment.objects.filter(take_back__order=invoice.order_id, state=State.RELEASED, way=Way.PAYMENT)
    return sum(((found.aggregate(n=Sum("amount"))["n"] or NOTHING) for found in (rows, sent)), NOTHING)


def _paid_with(payment: Payment, invoice: Invoice) -> Decimal:
    """What of an invoice a payment still pays: a joint payment pays others too."""
    booked = invoice.payments.filter(payment=payment).aggregate(n=Sum("amount"))["n"] or NOTHING
    going = Repayment.objects.filter(take_back__order=invoice.order_id, payment=payment).exclude(state=State.DONE)
    return booked - (going.aggregate(n=Sum("amount"))["n"] or NOTHING)


def _locked(repayment_id: int) -> Repayment:
    """Return the repayment under the locks of its order and invoice, in the project's order."""
    order_id = Repayment.objects.values_list("take_back__order_id", flat=True).get(pk=repayment_id)
    invoices.lock(Invoice.objects.values_list("pk", flat=True).get(order=order_id))
    rows = Repayment.objects.select_for_update(of=("self",)).select_related("take_back__order__invoice")
    return rows.get(pk=repayment_id)


def _require_other_eyes(repayment: Repayment, by: User | None) -> None:
    limit = settings.REPAYMENT_FOUR_EYES_ABOVE
    if repayment.amount > limit and by is not None and by.pk == repayment.asked_by_id:
        raise FourEyes(limit=limit, currency=repayment.currency)


def _choose(repayment: Repayment, way: str, reference: str) -> None:
    is_to_card = Way.PAYMENT in (way, repayment.way)
    if way != repayment.way and is_to_card and repayment.state != State.FAILED:
        raise ReturnRefused(
            _("This money goes back to the card or account that paid. Choose another way once that fails.")
        )
    if way == Way.PAYMENT and repayment.payment_id is None:
        raise ReturnRefused(_("No card or account paid this. Choose a transfer, or credit for other invoices."))
    if way == Way.TRANSFER and not reference.strip():
        raise ReturnRefused(_("Make the transfer first, then write its reference here."))
    repayment.way, repayment.reference = way, reference.strip()[:120]


def _send(repayment: Repayment, at: datetime, *, is_again: bool) -> None:
    """Let the held refund go; after a failure ask anew, under the cap again."""
    if repayment.refund is None or repayment.payment is None:
        raise ValueError(f"{repayment} names no payment to go back to.")
    if not is_again:
        refunds.release(refund_id=repayment.refund.pk, at=at)
        return
    repayment.refund = refunds.request_refund(
        payment_id=repayment.payment.pk, amount=repayment.amount, key=_key(repayment),
        reason=repayment.take_back.reason, by=repayment.released_by, at=at,
    )  # fmt: skip


def _book(repayment: Repayment, at: datetime) -> None:
    invoices.pay_back(
        invoice_id=repayment.take_back.order.invoice.pk, amount=repayment.amount, key=_key(repayment), at=at,
        reference=repayment.reference or repayment.get_way_display(),
        payment=repayment.payment if repayment.way == Way.PAYMENT else None, by=repayment.released_by,
    )  # fmt: skip


def _finish(repayment: Repayment, at: datetime) -> None:
    repayment.state, repayment.done_at = State.DONE, at
    repayment.save(update_fields=["state", "done_at"])
    settling.paid_back(take_back=repayment.take_back, at=at)


def _key(repayment: Repayment) -> str:
    """Name this try: one that the bank returned is booked again under another name."""
    return f"{repayment.key}:{repayment.tries}"


def _carry_out_later(repayment_id: int) -> None:
    signature("shop.returns.tasks.carry_out", args=(repayment_id,)).delay()
