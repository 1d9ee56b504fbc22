"""`manage.py import_touchpoints FILE [--dry-run]`: add touchpoints from a CSV file, all of them or none."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channels.journeys.engine.touch_file import UnreadableFile
from channels.journeys.models import TouchImport
from channels.journeys.selectors import touch_file_wording
from channels.journeys.selectors.touch_files import examine
from channels.journeys.services import touch_imports

MOST_TOLD = 100


class Command(BaseCommand):
    help = "Check a CSV file of touchpoints and, when every row is right, add them. The same file again adds nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Check only, and change nothing.")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        try:
            content = file.read_bytes()
            found = examine(content, now=now, progress=lambda rows: self.stderr.write(f"{rows} rows checked"))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        except UnreadableFile as error:
            raise CommandError(touch_file_wording.problem(error.code, ", ".join(error.params.values()))) from error
        for one in found.problems[:MOST_TOLD]:
            told = touch_file_wording.told(one.row, one.column, one.value, one.code, one.more)
            self.stderr.write(f"row {told.row}, {told.column or 'row'}: {told.problem} {told.advice}")
        if found.problems:
            raise CommandError(f"Nothing was added: {len(found.problems)} mistakes in {found.rows_total} rows.")
        if not dry_run:
            self._add(file.name, content, now)
        self.stdout.write(
            f"{len(found.new)} {'rows to add' if dry_run else 'rows added'}, {found.rows_known} known already."
        )

    def _add(self, name: str, content: bytes, now: Any) -> None:
        """Take the same steps as the page does, one after the other; a task that follows finds nothing left to do."""
        pk = touch_imports.upload(name=name, content=content, at=now).pk
        touch_imports.check(import_id=pk, now=now)
        if TouchImport.objects.get(pk=pk).state == TouchImport.State.CHECKED:
            touch_imports.accept(import_id=pk, at=now)
        done = touch_imports.add(import_id=pk, now=now)
        if done.state != TouchImport.State.DONE:
            raise CommandError(f"Nothing was added: {done.last_error or done.get_state_display()}")
