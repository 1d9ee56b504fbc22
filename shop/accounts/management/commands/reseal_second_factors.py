"""manage.py reseal_second_factors: seal the secrets of authenticator apps with the newest key, so that the old one can go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.accounts.sealing import Unreadable
from shop.accounts.services import second_factor


class Command(BaseCommand):
    help = "Seal every authenticator app's secret with the first of BANK_ACCOUNT_KEYS. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = second_factor.reseal()
        except Unreadable as error:
            raise CommandError(f"{error} Add the key that is missing, and run this again.") from error
        self.stdout.write(f"sealed anew: {count}")
