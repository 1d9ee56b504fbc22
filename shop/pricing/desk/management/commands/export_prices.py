"""`manage.py export_prices LIST [FILE]`: a list's prices as CSV or XLSX, as import_prices reads them."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.pricing.desk import files
from shop.pricing.models import PriceList


class Command(BaseCommand):
    help = "Write a price list to FILE (.csv or .xlsx), or as CSV to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("list", help="the list's code")
        parser.add_argument("file", type=Path, nargs="?")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        price_list = PriceList.objects.filter(code=options["list"]).first()
        if price_list is None:
            raise CommandError(f"There is no price list with the code {options['list']!r}.")
        rows = files.list_rows(price_list)
        if file is None:
            sys.stdout.buffer.writelines(files.csv_lines(rows))
            return
        kind = file.suffix.lower().removeprefix(".")
        if kind not in files.FORMATS:
            raise CommandError("Name a file that ends in .csv or .xlsx.")
        try:
            with file.open("wb") as target:
                if kind == files.CSV:
                    target.writelines(files.csv_lines(rows))
                else:
                    files.write_workbook(rows, target)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from error
