"""The record of how an order was taxed, written once with the order."""

from datetime import datetime

from shop.forks.order.models import Order
from shop.tax.baskets import BasketTax
from shop.tax.engine.sales import Treatment
from shop.tax.models import OrderTax, OrderTaxLine


def freeze(*, order: Order, tax: BasketTax, at: datetime) -> OrderTax:
    """Keep the treatment and the cents of each line of a freshly placed order, in the placing transaction.

    The order's lines stand in the order of the basket's, of which `tax` speaks.
    """
    record = OrderTax.objects.create(
        order=order,
        seller=tax.seller.code,
        seller_country=tax.seller.country,
        provider=tax.provider,
        rounding=tax.seller.rounding,
        net=order.total_excl_tax,
        tax=order.total_incl_tax - order.total_excl_tax,
        evidence=tax.quote.evidence,
        at=at,
    )
    rows = [
        _row(record, treatment, line_id=pk, base=net, tax=gross - net)
        for (pk, net, gross), treatment in zip(
            order.lines.order_by("pk").values_list("pk", "line_price_excl_tax", "line_price_incl_tax"),
            tax.quote.treatments,
            strict=True,
        )
    ]
    if order.shipping_excl_tax:
        shipping = order.shipping_incl_tax - order.shipping_excl_tax
        rows.append(_row(record, tax.main, line_id=None, base=order.shipping_excl_tax, tax=shipping))
    OrderTaxLine.objects.bulk_create(rows)
    return record


def _row(record: OrderTax, treatment: Treatment, *, line_id: int | None, **money: object) -> OrderTaxLine:
    return OrderTaxLine(
        order_tax=record,
        line_id=line_id,
        country=treatment.country,
        code=treatment.code,
        reason=treatment.reason,
        rate=treatment.rate,
        **money,
    )
