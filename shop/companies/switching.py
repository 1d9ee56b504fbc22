"""For whom a session acts. Each change gives the session a new key, and prices what is in the basket anew."""

from typing import Any

from django.http import HttpRequest

from shop.companies.models import Membership, OnBehalf
from shop.companies.selectors import SESSION_KEY
from shop.companies.signed_in import forget_places

CHECKOUT_KEY = "checkout"


def switch(request: HttpRequest, *, membership: Membership, on_behalf: OnBehalf | None = None) -> None:
    """Let the session act under the membership from here on; what was chosen at the checkout is forgotten."""
    request.session.cycle_key()
    request.session.pop(CHECKOUT_KEY, None)
    remembered: dict[str, Any] = {"user": str(request.user.pk), "key": str(membership.company.key)}
    if on_behalf is not None:
        remembered["on_behalf"] = on_behalf.pk
    request.session[SESSION_KEY] = remembered
    forget_places(request.user)
    membership.on_behalf = on_behalf
    request.company_key = remembered["key"]  # type: ignore[attr-defined]
    request.company_status = membership.company.status  # type: ignore[attr-defined]
    request.membership, request.company = membership, membership.company  # type: ignore[attr-defined]


def leave(request: HttpRequest) -> None:
    """Let the session act in the user's own name again."""
    request.session.cycle_key()
    for key in (SESSION_KEY, CHECKOUT_KEY):
        request.session.pop(key, None)
