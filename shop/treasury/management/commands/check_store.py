"""`manage.py check_store`: tell monitoring what needs a person."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from shop.operations.arguments import moment
from shop.treasury import watches
from shop.treasury.watches import Waiting


class Command(BaseCommand):
    help = "Print each alarm with its number and exit with 1 when something needs a person; it only reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", type=moment, metavar="DATETIME", help="look as of this moment (ISO 8601)")
        parser.add_argument("--all", action="store_true", help="print what waits without being an alarm, too")

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["as_of"] or timezone.now()
        watches.count_differences(now=now)
        found = watches.look(now=now)
        alarms = [row for row in found if row.is_alarm]
        for row in alarms:
            self.stderr.write(_line("ALARM", row))
        if options["all"]:
            for row in found:
                if not row.is_alarm:
                    self.stdout.write(_line("waiting" if row.found.count else "calm", row))
        if alarms:
            raise CommandError(f"{len(alarms)} alarms; docs/operations.md says what to do.", returncode=1)
        self.stdout.write(f"{len(found)} watches, no alarm.")


def _line(word: str, row: Waiting) -> str:
    oldest = f", oldest {row.found.oldest.isoformat(timespec='minutes')}" if row.found.oldest else ""
    return f"{word} {row.watch.code}: {row.found.count}{oldest}"
