"""`manage.py sync_roles`: make the back-office roles."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from shop.operations import roles


class Command(BaseCommand):
    help = "Make or correct the groups of the back-office roles in fixtures/roles.toml. Safe to repeat; members stay."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        for group in roles.sync().values():
            self.stdout.write(f"{group.name}: {group.permissions.count()} permissions")
