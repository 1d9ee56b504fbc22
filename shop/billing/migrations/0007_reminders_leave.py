"""Remember when a reminder left: the one thing of it that changes."""

from django.db import migrations, models

from channels.audit import append_only

FROZEN = ("invoice_id", "level", "days_overdue", "amount_due", "at")


class Migration(migrations.Migration):
    dependencies = [("shop_billing", "0006_tax_countries")]

    operations = [
        append_only.RunScript(
            lambda vendor: append_only.removals(vendor, "shop_billing_reminder"),
            lambda vendor: append_only.statements(vendor, "shop_billing_reminder"),
        ),
        migrations.AddField("reminder", "mailed_at", models.DateTimeField(blank=True, null=True)),
        append_only.protect("shop_billing_reminder", columns=FROZEN),
    ]
