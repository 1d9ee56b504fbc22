"""Goods come back within thirty days of their delivery, until staff say otherwise."""

from django.db import migrations


def write(apps, schema_editor):
    apps.get_model("shop_returns", "ReturnPolicy").objects.get_or_create(
        company=None, category=None, product_class=None, defaults={"days": 30}
    )


class Migration(migrations.Migration):
    dependencies = [("shop_returns", "0002_requests_and_repayments")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
