"""The rates of Norway and of the European Union's members, and a Norwegian seller: what was written in code so far."""

from datetime import date
from decimal import Decimal

from django.db import migrations

# Country -> (valid from, percent) in order; each ends where the next begins. Since 1 July 2021, the Union's rules on
# distance sales, all earlier rates are history that no order of ours bears.
NORWAY = {"NO": ((date(2005, 1, 1), "25"),)}
SINCE = date(2021, 7, 1)
UNION = {
    "AT": ((SINCE, "20"),), "BE": ((SINCE, "21"),), "BG": ((SINCE, "20"),), "CY": ((SINCE, "19"),),
    "CZ": ((SINCE, "21"),), "DE": ((SINCE, "19"),), "DK": ((SINCE, "25"),),
    "EE": ((SINCE, "20"), (date(2024, 1, 1), "22"), (date(2025, 7, 1), "24")),
    "ES": ((SINCE, "21"),), "FI": ((SINCE, "24"), (date(2024, 9, 1), "25.5")), "FR": ((SINCE, "20"),),
    "GR": ((SINCE, "24"),), "HR": ((SINCE, "25"),), "HU": ((SINCE, "27"),), "IE": ((SINCE, "23"),),
    "IT": ((SINCE, "22"),), "LT": ((SINCE, "21"),),
    "LU": ((SINCE, "17"), (date(2023, 1, 1), "16"), (date(2024, 1, 1), "17")),
    "LV": ((SINCE, "21"),), "MT": ((SINCE, "18"),), "NL": ((SINCE, "21"),), "PL": ((SINCE, "23"),),
    "PT": ((SINCE, "23"),), "RO": ((SINCE, "19"), (date(2025, 8, 1), "21")), "SE": ((SINCE, "25"),),
    "SI": ((SINCE, "22"),), "SK": ((SINCE, "20"), (date(2025, 1, 1), "23")),
}  # fmt: skip


def write(apps, schema_editor):
    rate = apps.get_model("shop_tax", "TaxRate")
    rows = []
    for country, steps in {**NORWAY, **UNION}.items():
        ends = [begins for begins, _percent in steps[1:]] + [None]
        rows += [
            rate(country=country, code="standard", rate=Decimal(percent) / 100, valid_from=begins, valid_to=end)
            for (begins, percent), end in zip(steps, ends, strict=True)
        ]
    rate.objects.bulk_create(rows)
    apps.get_model("shop_tax", "Seller").objects.create(code="accord", country="NO", is_current=True)


class Migration(migrations.Migration):
    dependencies = [("shop_tax", "0001_tax")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
