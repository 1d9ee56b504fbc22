"""Forget somebody's lost second factor, on a second person's word."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from shop.accounts.services import second_factor


class Command(BaseCommand):
    help = "Forget the lost authenticator app of EMAIL. Somebody else vouches for it; it is kept in the audit trail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--by", required=True, help="e-mail address of the member of staff who vouches")
        parser.add_argument("--reason", required=True, help="how that person knows who asks")

    def handle(self, *args: Any, **options: Any) -> None:
        user, by = _user(options["email"]), _user(options["by"])
        try:
            second_factor.reset(user=user, by=by, reason=options["reason"], at=timezone.now())
        except second_factor.NotAllowed as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user.email} chooses a new password by mail, then sets up a new device.")


def _user(email: str) -> Any:
    found = list(get_user_model().objects.filter(email__iexact=email)[:2])
    if len(found) != 1:
        raise CommandError(f"{'No user has' if not found else 'Several users have'} the address {email}.")
    return found[0]
