"""manage.py reseal_accounts: seal stored account numbers with the newest key, so that the old one can go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels.commissions.sealing import Unreadable
from channels.commissions.services import resealing


class Command(BaseCommand):
    help = "Seal every stored account number with the first of BANK_ACCOUNT_KEYS. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = resealing.reseal()
        except Unreadable as error:
            raise CommandError(f"{error} Add the key that is missing, and run this again.") from error
        self.stdout.write(f"sealed anew: {count}")
