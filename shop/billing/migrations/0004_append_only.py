"""Close the tables of billing: papers and money are never changed; of an invoice only what was paid and credited is."""

from django.db import migrations

from channels.audit import append_only

FROZEN = (
    "order_id", "seller", "year", "sequence", "number", "issued_at", "currency", "total_excl_tax", "total_incl_tax",
    "sold_by", "billed_to", "delivered_to", "purchase_order_number", "cost_centre",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("shop_billing", "0003_existing_invoices")]

    operations = [
        append_only.protect("shop_billing_invoice", columns=FROZEN),
        append_only.protect(
            "shop_billing_invoiceline",
            "shop_billing_creditnote",
            "shop_billing_creditnoteline",
            "shop_billing_receipt",
            "shop_billing_invoicepayment",
            "shop_billing_reminder",
        ),
    ]
