"""`manage.py run_due`: run everything that beat would, now or as of another moment."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from shop.operations import schedule


class Command(BaseCommand):
    help = "Heal lost work, renew subscriptions, release holds and close statements that are due. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of", metavar="DATETIME", help="pretend that it is this moment (ISO 8601, UTC unless said)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = _moment(options["as_of"]) if options["as_of"] else timezone.now()
        for name, count in schedule.run_due(now=now).items():
            self.stdout.write(f"{name}: {count}")


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
        day = None if moment else parse_date(text)
    except ValueError:
        moment = day = None
    if day:
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001  made aware below
    if not moment:
        raise CommandError(
            f"--as-of {text!r} is not a date or datetime; write for example 2027-01-31 or 2027-01-31T12:00."
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
