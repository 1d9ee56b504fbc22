import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop_buying", "0004_durable_attempts"),
        ("shop_payments", "0002_payments_refunds_disputes_inbox"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkoutattempt",
            name="payment",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempt",
                to="shop_payments.payment",
            ),
        ),
    ]
