"""Remember the country of a line's tax; PostgreSQL keeps the triggers, SQLite makes the tables anew and loses them."""

from django.db import migrations, models

from channels.audit import append_only


class Migration(migrations.Migration):
    dependencies = [("shop_billing", "0005_paid_through_stripe")]

    operations = [
        migrations.AddField("creditnoteline", "tax_country", models.CharField(blank=True, max_length=2)),
        migrations.AddField("invoiceline", "tax_country", models.CharField(blank=True, max_length=2)),
        append_only.protect("shop_billing_creditnoteline", "shop_billing_invoiceline"),
    ]
