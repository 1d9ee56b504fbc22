"""Count how often a payer's bank took back what had paid an invoice."""

from django.db import migrations, models

from channels.audit import append_only

FROZEN = (
    "order_id", "seller", "year", "sequence", "number", "issued_at", "currency", "total_excl_tax", "total_incl_tax",
    "sold_by", "billed_to", "delivered_to", "purchase_order_number", "cost_centre",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("shop_billing", "0007_reminders_leave")]

    operations = [
        migrations.AddField(
            model_name="invoice", name="reopened", field=models.PositiveSmallIntegerField(default=0)
        ),
        append_only.protect("shop_billing_invoice", columns=FROZEN),
    ]
