from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels.commissions.models import LedgerHead
from channels.commissions.selectors import verification


class Command(BaseCommand):
    help = "Recompute every amount of the ledger; name each row that does not agree and exit with 1."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for finding in verification.findings():
            found += 1
            self.stderr.write(finding)
        if found:
            raise CommandError(f"{found} findings: the ledger does not agree with itself.", returncode=1)
        head = LedgerHead.objects.filter(pk=1).first()
        if head is None:
            self.stdout.write("The ledger is empty.")
            return
        self.stdout.write(f"{head.sequence} postings verified; the chain ends at {head.hash}.")
