"""At each login, by whatever path, the session learns whether it owes a second factor."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from shop.accounts import selectors


@receiver(user_logged_in)
def ask_for_second_factor(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    if request is not None:
        request.session[selectors.DUE] = selectors.owes_second_factor(user)
