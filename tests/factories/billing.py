"""Papers without a database, for tests of what is printed and written."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from shop.billing.models import InvoiceLine
from shop.billing.papers.paper import Paper
from shop.billing.papers.tax_codes import tax_rows
from shop.billing.parties import Party

D = Decimal
SELLER = Party(
    name="Nordlys Instruments AS",
    lines=("Sandviksbodene 12",),
    postcode="5035",
    city="Bergen",
    country="NO",
    vat_id="NO 999 000 111 MVA",
    email="finance@example.com",
    iban="NO9386011117947",
    bic="NDEANOKK",
)
BUYER = Party(
    name="Fjell Foods AS",
    contact="Kari Berg",
    lines=("Havnegata 1",),
    postcode="5003",
    city="Bergen",
    country="NO",
    vat_id="NO 988 000 222 MVA",
)


def line(
    title: str = "Sensor", *, quantity: int = 2, price: str = "100.00", discount: str = "0.00", rate: str = "0.25",
    reason: str = "domestic", country: str = "NO", sku: str = "SKU-1", **values: Any,
) -> InvoiceLine:  # fmt: skip
    net = D(price) * quantity - D(discount)
    tax = (net * D(rate)).quantize(D("0.01"))
    return InvoiceLine(
        title=title, sku=sku, quantity=quantity, unit_price=D(price), discount=D(discount), net=net, tax_rate=D(rate),
        tax_code=reason, tax_country=country, tax=tax, gross=net + tax, **values,
    )  # fmt: skip


def paper(*lines: InvoiceLine, **values: Any) -> Paper:
    rows = list(lines) or [line()]
    for position, row in enumerate(rows, 1):
        row.position = position
    made = Paper(
        is_credit=False,
        number="INV-2026-000123",
        made_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        issued_on=date(2026, 3, 2),
        due_on=date(2026, 4, 1),
        currency="EUR",
        seller=SELLER,
        buyer=BUYER,
        delivery=None,
        order_number="100042",
        purchase_order_number="PO-4711",
        cost_centre="4200 Laboratory",
        payment_method="invoice",
        invoice_number="",
        invoiced_on=None,
        reason="",
        lines=rows,
        taxes=tax_rows(rows),
        net=sum((row.net for row in rows), D(0)),
        gross=sum((row.gross for row in rows), D(0)),
    )
    return replace(made, **values)


def credit_note(*lines: InvoiceLine, **values: Any) -> Paper:
    return paper(
        *lines,
        **{
            "is_credit": True,
            "number": "CN-2026-000007",
            "due_on": None,
            "invoice_number": "INV-2026-000123",
            "invoiced_on": date(2026, 3, 2),
            "reason": "Wrong measuring range",
            **values,
        },
    )
