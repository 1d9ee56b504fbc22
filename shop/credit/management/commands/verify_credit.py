from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.credit.models import CreditAccount
from shop.credit.selectors import unbalanced


class Command(BaseCommand):
    help = "Add up the entries of every credit account; name each that owes something else and exit with 1."

    def handle(self, *args: Any, **options: Any) -> None:
        found = unbalanced()
        for account, total in found:
            self.stderr.write(f"{account}: owes {account.balance}, its entries say {total}")
        if found:
            raise CommandError(f"{len(found)} findings: balances and entries do not agree.", returncode=1)
        self.stdout.write(f"{CreditAccount.objects.count()} accounts verified.")
