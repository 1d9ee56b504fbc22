"""Recomputes a partner's statement from its JSON export, without a database."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from channels.commissions.engine import recompute


class Command(BaseCommand):
    help = "Recompute a statement from its JSON export; exit 0 when it agrees, 1 when it differs, 2 when unreadable."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.json")

    def handle(self, *args: Any, **options: Any) -> None:
        if code := recompute.main([options["file"]]):
            sys.exit(code)
