"""What an invoice says, taken from its order: lines with their tax as it was decided, and the delivery."""

from decimal import Decimal

from shop.billing.models import InvoiceLine
from shop.forks.order.models import Line, Order

SELLER = "accord"  # of orders without a tax record


def seller_of(order: Order) -> str:
    tax = getattr(order, "tax", None)
    return tax.seller if tax else SELLER


def lines_of(order: Order) -> list[InvoiceLine]:
    """Return the lines, unsaved and numbered from 1; their gross adds up to the order's total."""
    taxes = _taxes(order)
    lines = [_of_line(line, taxes.get(line.pk)) for line in order.lines.order_by("pk")]
    if order.shipping_incl_tax:
        lines.append(_of_delivery(order, taxes.get(None)))
    for position, line in enumerate(lines, 1):
        line.position = position
    total = sum((line.gross for line in lines), Decimal(0))
    if total != order.total_incl_tax:
        raise ValueError(f"Lines of order {order.number} add up to {total}, not to {order.total_incl_tax}.")
    return lines


def _taxes(order: Order) -> dict[int | None, dict[str, object]]:
    """Return rate and reason by the pk of the line, None being the delivery."""
    record = getattr(order, "tax", None)
    if record is None:
        plain = {"tax_rate": order.purchase.vat_rate, "tax_code": order.purchase.tax_code, "tax_country": ""}
        return dict.fromkeys([*order.lines.values_list("pk", flat=True), None], plain)
    return {
        row.line_id: {"tax_rate": row.rate, "tax_code": row.reason, "tax_country": row.country}
        for row in record.lines.all()
    }


def _of_line(line: Line, tax: dict[str, object] | None) -> InvoiceLine:
    before = line.line_price_before_discounts_excl_tax
    net, gross = line.line_price_excl_tax, line.line_price_incl_tax
    return InvoiceLine(
        order_line=line,
        title=line.title,
        sku=line.partner_sku,
        quantity=line.quantity,
        unit_price=(before / line.quantity).quantize(Decimal("0.01")),
        discount=before - net,
        net=net,
        tax=gross - net,
        gross=gross,
        **(tax or {}),
    )


def _of_delivery(order: Order, tax: dict[str, object] | None) -> InvoiceLine:
    net, gross = order.shipping_excl_tax, order.shipping_incl_tax
    return InvoiceLine(
        kind=InvoiceLine.Kind.SHIPPING,
        title=order.shipping_method or "Delivery",
        quantity=1,
        unit_price=net,
        net=net,
        tax=gross - net,
        gross=gross,
        **(tax or {}),
    )
