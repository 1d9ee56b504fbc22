from typing import Any

from django.core.management.base import BaseCommand

from shop.catalogue.services import index


class Command(BaseCommand):
    help = "Write the catalogue's index, its search entries and the sized images anew."

    def handle(self, *args: Any, **options: Any) -> None:
        count = index.rebuild(progress=self.stdout.write)
        self.stdout.write(self.style.SUCCESS(f"{count} products indexed."))
