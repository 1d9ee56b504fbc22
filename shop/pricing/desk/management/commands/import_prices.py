"""`manage.py import_prices LIST FILE [--dry-run]`: take the prices of a file over into a list, all of them or none."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from shop.pricing.desk.engine.tables import UnreadableFile
from shop.pricing.desk.models import PriceImport
from shop.pricing.desk.selectors.price_files import Examined, examine
from shop.pricing.desk.services import imports
from shop.pricing.desk.wording import told
from shop.pricing.models import PriceList

MOST_TOLD = 100
State = PriceImport.State


class Command(BaseCommand):
    help = "Check a CSV or XLSX file of prices and, when every row is right, take it over. The same file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("list", help="the list's code")
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Check only, and change nothing.")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        price_list = PriceList.objects.filter(code=options["list"]).first()
        if price_list is None:
            raise CommandError(f"There is no price list with the code {options['list']!r}.")
        try:
            content = file.read_bytes()
            found = examine(content, price_list=price_list, at=timezone.now(), progress=self._tell)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        except UnreadableFile as error:
            one = told(1, "", "", error.code, error.more)
            raise CommandError(f"{one.problem} {one.fix}") from error
        self._refuse(found)
        counts = f"{found.rows_added} added, {found.rows_changed} changed, {found.rows_same} unchanged"
        if dry_run:
            self.stdout.write(f"{counts}; nothing was written.")
            return
        done = self._take_over(price_list, file.name, content)
        self.stdout.write(f"{done.rows_added} added, {done.rows_changed} changed, {done.rows_same} unchanged.")

    def _tell(self, rows: int) -> None:
        self.stderr.write(f"{rows} rows seen")

    def _refuse(self, found: Examined) -> None:
        for one in found.problems[:MOST_TOLD]:
            told_one = told(one.row, one.column, one.value, one.code, one.more)
            self.stderr.write(f"row {one.row}, {one.column or 'row'}: {told_one.problem} {told_one.fix}")
        if found.problems:
            raise CommandError(f"Nothing was changed: {found.rows_wrong} of {found.rows_total} rows are wrong.")

    def _take_over(self, price_list: PriceList, name: str, content: bytes) -> PriceImport:
        """Take the same steps as the page does, one after the other; a task that follows finds nothing left to do."""
        pk = imports.upload(price_list=price_list, name=name, content=content, at=timezone.now()).pk
        found = imports.work_on(import_id=pk, clock=timezone.now)
        if found.state == State.CHECKED:
            imports.accept(import_id=pk, at=timezone.now())
            found = imports.work_on(import_id=pk, clock=timezone.now)
        if found.state != State.DONE:
            raise CommandError(f"Nothing was changed: {found.last_error or found.get_state_display()}")
        return found
