"""Book on an invoice which payment through Stripe paid it, alone or with others."""

import django.db.models.deletion
from django.db import migrations, models

from channels.audit import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("shop_billing", "0004_append_only"),
        ("shop_payments", "0002_payments_refunds_disputes_inbox"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoicepayment",
            name="payment",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoice_payments",
                to="shop_payments.payment",
            ),
        ),
        migrations.AddField(
            model_name="jointpayment",
            name="payment",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joint_payment",
                to="shop_payments.payment",
            ),
        ),
        append_only.protect("shop_billing_invoicepayment"),
    ]
