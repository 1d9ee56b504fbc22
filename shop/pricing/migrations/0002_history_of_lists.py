import django.db.models.deletion
from django.db import migrations, models

from channels.audit import append_only


class Migration(migrations.Migration):
    dependencies = [("shop_pricing", "0001_price_lists")]

    operations = [
        migrations.AlterField(
            model_name="pricerecord",
            name="min_quantity",
            field=models.PositiveIntegerField(default=1, verbose_name="from quantity"),
        ),
        migrations.AlterField(
            model_name="pricerecord",
            name="product",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="price_history",
                to="catalogue.product",
            ),
        ),
        append_only.protect("shop_pricing_pricerecord"),
    ]
