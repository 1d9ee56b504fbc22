"""Standard and express delivery with the charges that were written in code so far."""

from decimal import Decimal

from django.db import migrations

NORDIC = "NO SE DK FI IS".split()
EUROPE = "AT BE BG CH CY CZ DE EE ES FR GB GR HR HU IE IT LI LT LU LV MT NL PL PT RO SI SK".split()
METHODS = (("standard", "Standard delivery", 1), ("express", "Express delivery", 2))
# Method, countries (none: the rest of the world), working days from and to, charge in euros, free from.
RULES = (
    ("standard", NORDIC, 2, 4, "19.00", "750.00"),
    ("standard", EUROPE, 3, 6, "29.00", "750.00"),
    ("standard", [], 6, 12, "69.00", "750.00"),
    ("express", NORDIC, 1, 1, "45.00", None),
    ("express", EUROPE, 1, 2, "75.00", None),
)


def write(apps, schema_editor):
    method, rule, charge = (
        apps.get_model("shop_fulfilment", name) for name in ("DeliveryMethod", "ShippingRule", "ShippingCharge")
    )
    method.objects.bulk_create(method(code=code, name=name, position=place) for code, name, place in METHODS)
    for code, countries, first, last, amount, free_from in RULES:
        row = rule.objects.create(method_id=code, countries=countries, first_day=first, last_day=last)
        charge.objects.create(
            rule=row,
            currency="EUR",
            charge=Decimal(amount),
            free_from=Decimal(free_from) if free_from else None,
        )


class Migration(migrations.Migration):
    dependencies = [("shop_fulfilment", "0001_shipments")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
