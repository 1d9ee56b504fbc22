"""`manage.py seed_demo`: load the demo store once, and say who may log in."""

import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from shop.demo import logins, services
from shop.demo.loaders.clock import HISTORY_MONTHS
from shop.operations.arguments import moment


class Command(BaseCommand):
    help = "Load the demo store: catalogue, pages, partners, companies and a history of orders. Loads once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--show-logins", action="store_true", help="print the logins and where to look, load nothing"
        )
        parser.add_argument(
            "--history-months", type=int, default=HISTORY_MONTHS, metavar="N", help="length of the history"
        )
        parser.add_argument("--now", type=moment, metavar="DATETIME", help="the moment at which the history ends")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["show_logins"]:
            self.stdout.write(logins.text())
            return
        if services.is_loaded():
            self.stdout.write("The demo store is loaded already; nothing was changed.")
        else:
            self._load(now=options["now"] or timezone.now(), months=options["history_months"])
        self.stdout.write(logins.text())

    def _load(self, *, now: datetime, months: int) -> None:
        started = time.monotonic()

        def say(words: str) -> None:
            self.stdout.write(f"[{time.monotonic() - started:5.1f} s] {words}")
            self.stdout.flush()

        services.load(now=now, months=months, say=say)
        say("The demo store is ready.")
