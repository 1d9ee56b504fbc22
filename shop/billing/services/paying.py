"""Pay several invoices at once through shop.payments; what was paid is booked when the payment has succeeded."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from shop.billing.models import Invoice, JointPayment, Receipt
from shop.billing.services import receipts
from shop.companies.models import Company
from shop.payments.errors import CannotPay
from shop.payments.models import Payment, SavedMethod
from shop.payments.services import payments

PREFIX = "invoices:"


@transaction.atomic
def start(
    *,
    invoices: Collection[Invoice],
    company: Company,
    kind: str,
    at: datetime,
    key: UUID | None = None,
    saved_method: SavedMethod | None = None,
    save_method: bool = False,
    by: User | None = None,
) -> Payment:
    """Open a payment over what is left to pay of these invoices of the company; the caller then sends it.

    The same `key` again returns the first payment. Raises CannotPay: none chosen, one that is not open, two currencies,
    or one whose payment is on its way.
    """
    if key and (existing := JointPayment.objects.filter(key=key, company=company).first()):
        return _payment_of(existing)
    rows = list(
        Invoice.objects.select_for_update(of=("self",))
        .filter(pk__in=[invoice.pk for invoice in invoices], order__purchase__company=company)
        .order_by("pk")
    )
    _require_payable(rows, wanted=len(invoices), company=company, kind=kind)
    joint = JointPayment.objects.create(
        key=key or uuid4(),
        company=company,
        amount=sum((invoice.amount_due for invoice in rows), Decimal(0)),
        currency=rows[0].currency,
        created_at=at,
        by=by,
    )
    joint.invoices.set(rows)
    joint.payment = payments.open_payment(
        reference=joint.reference,
        company=company,
        amount=joint.amount,
        currency=joint.currency,
        kind=kind,
        saved_method=saved_method,
        save_method=save_method,
        at=at,
    )
    joint.save(update_fields=["payment"])
    return _payment_of(joint)


def settle(payment: Payment, at: datetime) -> None:
    """Book a payment that has succeeded on its invoices, the oldest first. Told twice, it books once.

    What was paid otherwise meanwhile is not booked again: that part becomes the company's deposit.
    """
    if payment.state != Payment.State.SUCCEEDED:
        return
    with transaction.atomic():
        joint = JointPayment.objects.select_for_update().get(payment=payment)
        receipt, is_new = Receipt.objects.get_or_create(
            key=payment.reference,
            defaults={
                "company": joint.company,
                "amount": joint.amount,
                "currency": joint.currency,
                "reference": str(payment.saved_method or payment.get_kind_display()),
                "at": at,
                "by": joint.by,
            },
        )
        if is_new:
            chosen = joint.invoices.values_list("pk", flat=True)
            receipts.spread(receipt=receipt, over=chosen, at=at, payment=payment)
    receipts.keep_rest(receipt, at=at)


def _require_payable(rows: list[Invoice], *, wanted: int, company: Company, kind: str) -> None:
    if not rows or len(rows) != wanted:
        raise CannotPay(_("Choose at least one invoice of your company."))
    closed = [invoice.number for invoice in rows if invoice.state != Invoice.State.OPEN or invoice.amount_due <= 0]
    if closed:
        raise CannotPay(_("Nothing is left to pay of %s. Choose the others only.") % ", ".join(closed))
    if len({invoice.currency for invoice in rows}) > 1:
        raise CannotPay(_("These invoices are in several currencies. Pay those of one currency at a time."))
    if kind not in SavedMethod.Kind.values or not company.may_pay_by(kind):
        raise CannotPay(_("Your company does not pay this way. Choose another way to pay."))
    busy = on_their_way(rows)
    if busy:
        raise CannotPay(_("A payment of %s is on its way. Wait until your bank has answered.") % ", ".join(busy))


def on_their_way(rows: Collection[Invoice]) -> list[str]:
    """Return the numbers of those invoices that a payment covers which nobody can stop any more.

    A saved card or account is charged without its owner: that payment counts as soon as it is opened.
    """
    state = Payment.State
    unstoppable = Q(joint_payments__payment__state=state.PROCESSING) | Q(
        joint_payments__payment__state=state.CREATED, joint_payments__payment__saved_method__isnull=False,
        joint_payments__payment__failure_code="",
    )  # fmt: skip
    covered = Invoice.objects.filter(unstoppable, pk__in=[invoice.pk for invoice in rows])
    return sorted(covered.values_list("number", flat=True).distinct())


def _payment_of(joint: JointPayment) -> Payment:
    if joint.payment is None:
        raise ValueError(f"{joint} was written without its payment.")
    return joint.payment
