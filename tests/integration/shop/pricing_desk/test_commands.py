"""Prices over the command line: the same checks, all or nothing, and an export that comes back unchanged."""

from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from shop.pricing.models import PriceEntry, PriceList
from shop.pricing.services.prices import PriceRow, save_list_prices
from tests.factories import shop
from tests.factories.shop import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def sku() -> str:
    price_list = PriceList.objects.create(code="nordic", name="Nordic", currency="EUR")
    product = shop.product()
    save_list_prices(price_list=price_list, rows=[PriceRow(product_id=product.pk, price=Decimal(90))], at=NOW)
    return str(product.stockrecords.get().partner_sku)


def imported(file: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_prices", "nordic", file, *options, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_is_imported_unchanged(sku: str, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"prices.{kind}"
    call_command("export_prices", "nordic", file)
    assert imported(file) == "0 added, 0 changed, 1 unchanged."


def test_a_dry_run_writes_nothing(sku: str, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(f"sku,min_quantity,price\n{sku},1,85\n{sku},10,80\n")
    assert imported(file, "--dry-run") == "1 added, 1 changed, 0 unchanged; nothing was written."
    assert PriceEntry.objects.get().price == Decimal(90)
    assert imported(file) == "1 added, 1 changed, 0 unchanged."
    assert list(PriceEntry.objects.order_by("min_quantity").values_list("price", flat=True)) == [85, 80]
    assert imported(file) == "0 added, 0 changed, 2 unchanged."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sku,price\nnope,5\n", "Nothing was changed: 1 of 1 rows are wrong."),
        ("sku\nnope\n", "Columns are missing: price. Add them to the first row."),
    ],
)
def test_a_wrong_file_changes_nothing(sku: str, tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(text)
    with pytest.raises(CommandError, match=told):
        imported(file)
    assert PriceEntry.objects.get().price == Decimal(90)


def test_unknown_lists_files_and_kinds_are_named(sku: str, tmp_path: Path) -> None:
    for command, arguments, told in (
        ("import_prices", ["other", tmp_path / "x.csv"], "no price list with the code 'other'"),
        ("import_prices", ["nordic", tmp_path / "x.csv"], "cannot be read"),
        ("export_prices", ["other"], "no price list with the code 'other'"),
        ("export_prices", ["nordic", tmp_path / "x.pdf"], "ends in .csv or .xlsx"),
        ("export_prices", ["nordic", tmp_path / "none" / "x.csv"], "cannot be written"),
    ):
        with pytest.raises(CommandError, match=told):
            call_command(command, *arguments)
