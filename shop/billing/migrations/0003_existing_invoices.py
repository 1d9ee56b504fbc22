"""Invoices from before the series keep their number and get lines, parties, payments and credit notes."""

from datetime import timezone
from decimal import Decimal

from django.conf import settings
from django.db import migrations
from django.db.models import Sum

CENT = Decimal("0.01")


def take_up(apps, schema_editor):
    invoices = apps.get_model("shop_billing", "Invoice").objects.order_by("pk")
    rows = invoices.select_related("order__shipping_address", "order__billing_address")
    purchases = apps.get_model("shop_buying", "PurchaseDetails").objects.select_related("company", "cost_centre")
    for invoice in rows.iterator(chunk_size=500):
        purchase = purchases.filter(order=invoice.order_id).first()
        describe(invoice, purchase)
        lines = add_lines(apps, invoice, purchase)
        add_payment(apps, invoice)
        add_credit_notes(apps, invoice, lines)


def describe(invoice, purchase):
    issuer = settings.CHANNELS_ISSUER
    order = invoice.order
    invoice.year = invoice.issued_at.astimezone(timezone.utc).year
    invoice.sold_by = {
        "name": issuer["name"], "lines": [issuer["address"]], "country": issuer["country"], "vat_id": issuer["vat_id"],
    }  # fmt: skip
    buyer = address(order.billing_address or order.shipping_address)
    if purchase:
        company, centre = purchase.company, purchase.cost_centre
        buyer |= {"name": company.name, "vat_id": company.vat_id, "country": buyer.get("country") or company.country}
        invoice.purchase_order_number = purchase.purchase_order_number
        invoice.cost_centre = f"{centre.code} {centre.name}".strip() if centre else ""
    invoice.billed_to = buyer
    invoice.delivered_to = address(order.shipping_address)
    invoice.save()


def address(row):
    if row is None:
        return {}
    return {
        "name": f"{row.first_name} {row.last_name}".strip(),
        "lines": [line for line in (row.line1, row.line2, row.line3) if line],
        "postcode": row.postcode,
        "city": row.line4,
        "country": row.country_id,
    }


def add_lines(apps, invoice, purchase):
    model = apps.get_model("shop_billing", "InvoiceLine")
    order = invoice.order
    tax = {"tax_rate": purchase.vat_rate if purchase else 0, "tax_code": purchase.tax_code if purchase else "domestic"}
    lines = []
    for line in order.lines.order_by("pk"):
        before = line.line_price_before_discounts_excl_tax
        unit_price = (before / line.quantity).quantize(CENT)
        lines.append(
            model(
                invoice=invoice, position=len(lines) + 1, title=line.title, sku=line.partner_sku, quantity=line.quantity,
                unit_price=unit_price, discount=unit_price * line.quantity - line.line_price_excl_tax,
                net=line.line_price_excl_tax, tax=line.line_price_incl_tax - line.line_price_excl_tax,
                gross=line.line_price_incl_tax, order_line=line, **tax,
            )
        )  # fmt: skip
    if order.shipping_incl_tax:
        net, gross = order.shipping_excl_tax, order.shipping_incl_tax
        lines.append(
            model(
                invoice=invoice, position=len(lines) + 1, kind="shipping", title=order.shipping_method or "Delivery",
                quantity=1, unit_price=net, net=net, tax=gross - net, gross=gross, **tax,
            )
        )  # fmt: skip
    return model.objects.bulk_create(lines)


def add_payment(apps, invoice):
    if invoice.state != "paid":
        return
    cancelled = apps.get_model("shop_returns", "TakeBackLine").objects.filter(
        take_back__order=invoice.order_id, take_back__kind="cancellation"
    )
    amount = invoice.total_incl_tax - (cancelled.aggregate(gross=Sum("gross"))["gross"] or 0)
    if not amount:
        return
    apps.get_model("shop_billing", "InvoicePayment").objects.create(
        key=f"paid:{invoice.number}", invoice=invoice, amount=amount, reference=invoice.payment_reference,
        at=invoice.paid_at or invoice.issued_at, by_id=invoice.marked_by_id,
    )  # fmt: skip
    invoice.paid_incl_tax = amount
    invoice.save(update_fields=["paid_incl_tax"])


def add_credit_notes(apps, invoice, lines):
    model, line_model = (apps.get_model("shop_billing", name) for name in ("CreditNote", "CreditNoteLine"))
    of = {line.order_line_id: line for line in lines}
    delivery = [line for line in lines if line.kind == "shipping"]
    take_backs = apps.get_model("shop_returns", "TakeBack").objects.filter(order=invoice.order_id).order_by("at", "pk")
    for count, take_back in enumerate(take_backs, 1):
        taken = [(of[row.line_id], row.quantity, row.net, row.gross) for row in take_back.lines.order_by("line")]
        if invoice.state == "cancelled" and count == len(take_backs):  # nothing is owed of it: the delivery goes too
            taken += [(line, line.quantity, line.net, line.gross) for line in delivery]
            invoice.credited_incl_tax = invoice.total_incl_tax
            invoice.save(update_fields=["credited_incl_tax"])
        note = model.objects.create(
            invoice=invoice, take_back=take_back, reason=take_back.reason, by_id=take_back.by_id,
            number=f"CN-{invoice.order.number}-{count}", seller=invoice.seller, currency=invoice.currency,
            year=take_back.at.astimezone(timezone.utc).year, issued_at=take_back.at,
            total_excl_tax=sum(net for _line, _quantity, net, _gross in taken),
            total_incl_tax=sum(gross for _line, _quantity, _net, gross in taken),
            sold_by=invoice.sold_by, billed_to=invoice.billed_to, delivered_to=invoice.delivered_to,
        )  # fmt: skip
        line_model.objects.bulk_create(
            line_model(
                credit_note=note, invoice_line=line, position=position, kind=line.kind, title=line.title, sku=line.sku,
                quantity=quantity, unit_price=line.unit_price, discount=line.unit_price * quantity - net, net=net,
                tax=gross - net, gross=gross, tax_rate=line.tax_rate, tax_code=line.tax_code,
            )
            for position, (line, quantity, net, gross) in enumerate(taken, 1)
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("shop_billing", "0002_documents_and_payments"),
        ("shop_buying", "0003_participants_and_places"),
        ("shop_returns", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(take_up, migrations.RunPython.noop, elidable=True),
    ]
