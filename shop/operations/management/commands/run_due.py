"""`manage.py run_due`: run everything that beat would, now or as of another moment."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from shop.operations import schedule
from shop.operations.arguments import moment


class Command(BaseCommand):
    help = "Heal lost work, renew subscriptions, release holds and close statements that are due. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of",
            type=moment,
            metavar="DATETIME",
            help="pretend that it is this moment (ISO 8601, UTC unless said)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["as_of"] or timezone.now()
        for name, count in schedule.run_due(now=now).items():
            self.stdout.write(f"{name}: {count}")
