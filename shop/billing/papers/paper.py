"""An invoice or a credit note as the PDF and the e-invoice both read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from shop.billing.models import CreditNote, DocumentLine, Invoice
from shop.billing.papers.tax_codes import TaxRow, tax_rows
from shop.billing.parties import Party
from shop.companies.models import Company

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """All that a paper says, without language. `due_on` is None for a credit note and for what is paid already."""

    is_credit: bool
    number: str
    made_at: datetime
    issued_on: date
    due_on: date | None
    currency: str
    seller: Party
    buyer: Party
    delivery: Party | None
    order_number: str
    purchase_order_number: str
    cost_centre: str
    payment_method: str
    invoice_number: str  # of a credit note: the invoice it takes back
    invoiced_on: date | None
    reason: str
    lines: Sequence[DocumentLine]
    taxes: Sequence[TaxRow]
    net: Decimal
    gross: Decimal

    @property
    def tax(self) -> Decimal:
        return self.gross - self.net

    @property
    def is_to_be_transferred(self) -> bool:
        return not self.is_credit and self.payment_method == Company.PaymentMethod.INVOICE

    @property
    def payable(self) -> Decimal:
        """What the buyer is asked to transfer."""
        return self.gross if self.is_to_be_transferred else ZERO


def of_invoice(invoice: Invoice) -> Paper:
    """Return the invoice as it was issued; later payments and credit notes do not change it."""
    lines = list(invoice.lines.all())
    return Paper(
        is_credit=False,
        number=invoice.number,
        made_at=invoice.issued_at,
        issued_on=day_of(invoice.issued_at),
        due_on=invoice.due_on,
        currency=invoice.currency,
        seller=Party.from_json(invoice.sold_by),
        buyer=Party.from_json(invoice.billed_to),
        delivery=Party.from_json(invoice.delivered_to) if invoice.delivered_to else None,
        order_number=invoice.order.number,
        purchase_order_number=invoice.purchase_order_number,
        cost_centre=invoice.cost_centre,
        payment_method=invoice.payment_method,
        invoice_number="",
        invoiced_on=None,
        reason="",
        lines=lines,
        taxes=tax_rows(lines),
        net=invoice.total_excl_tax,
        gross=invoice.total_incl_tax,
    )


def of_credit_note(note: CreditNote) -> Paper:
    """Return the credit note with positive amounts."""
    lines, invoice = list(note.lines.all()), note.invoice
    return Paper(
        is_credit=True,
        number=note.number,
        made_at=note.issued_at,
        issued_on=day_of(note.issued_at),
        due_on=None,
        currency=note.currency,
        seller=Party.from_json(note.sold_by),
        buyer=Party.from_json(note.billed_to),
        delivery=None,
        order_number=invoice.order.number,
        purchase_order_number=invoice.purchase_order_number,
        cost_centre=invoice.cost_centre,
        payment_method=invoice.payment_method,
        invoice_number=invoice.number,
        invoiced_on=day_of(invoice.issued_at),
        reason=note.reason,
        lines=lines,
        taxes=tax_rows(lines),
        net=note.total_excl_tax,
        gross=note.total_incl_tax,
    )


def day_of(moment: datetime) -> date:
    """Return the store's day of a moment: what stands on papers, whoever reads them."""
    return timezone.localdate(moment, timezone.get_default_timezone())
