"""Issue a credit note for what was taken back, in the transaction of the take-back."""

from decimal import Decimal

from shop.billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, Series
from shop.billing.services import invoices, numbers
from shop.returns.models import TakeBack


def issue(*, take_back: TakeBack, invoice: Invoice) -> CreditNote:
    """Return the credit note of a take-back, with its part of the delivery; an existing one is returned as it is.

    `invoice` is the order's, under its lock.
    """
    if existing := CreditNote.objects.filter(take_back=take_back).first():
        return existing
    of_order_line = {line.order_line_id: line for line in invoice.lines.all()}
    taken = list(take_back.lines.order_by("line"))
    lines = [_line(of_order_line[row.line_id], quantity=row.quantity, net=row.net, gross=row.gross) for row in taken]
    if delivery := sum((row.delivery_gross for row in taken), Decimal(0)):
        lines.append(
            _delivery(of_order_line[None], net=sum((row.delivery_net for row in taken), Decimal(0)), gross=delivery)
        )
    total_incl_tax = sum((line.gross for line in lines), Decimal(0))
    invoices.credit(invoice, amount=total_incl_tax, key=take_back.key, at=take_back.at)
    number = numbers.take(kind=Series.Kind.CREDIT_NOTE, seller=invoice.seller, at=take_back.at)
    note = CreditNote.objects.create(
        invoice=invoice,
        take_back=take_back,
        reason=take_back.reason,
        by=take_back.by,
        seller=number.seller,
        year=number.year,
        sequence=number.sequence,
        number=number.text,
        issued_at=take_back.at,
        currency=invoice.currency,
        total_excl_tax=sum(line.net for line in lines),
        total_incl_tax=total_incl_tax,
        sold_by=invoice.sold_by,
        billed_to=invoice.billed_to,
        delivered_to=invoice.delivered_to,
    )
    for position, line in enumerate(lines, 1):
        line.credit_note, line.position = note, position
    CreditNoteLine.objects.bulk_create(lines)
    return note


def _delivery(source: InvoiceLine, *, net: Decimal, gross: Decimal) -> CreditNoteLine:
    """The part of the delivery as one piece at that price, not as a discount on the whole."""
    line = _line(source, quantity=1, net=net, gross=gross)
    line.unit_price, line.discount = net, Decimal(0)
    return line


def _line(source: InvoiceLine, *, quantity: int, net: Decimal, gross: Decimal) -> CreditNoteLine:
    return CreditNoteLine(
        invoice_line=source,
        kind=source.kind,
        title=source.title,
        sku=source.sku,
        quantity=quantity,
        unit=source.unit,
        unit_price=source.unit_price,
        discount=source.unit_price * quantity - net,
        net=net,
        tax_rate=source.tax_rate,
        tax_code=source.tax_code,
        tax_country=source.tax_country,
        tax=gross - net,
        gross=gross,
    )
