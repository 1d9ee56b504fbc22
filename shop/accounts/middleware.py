"""Nobody who owes a second factor opens anything before it is shown."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from shop.accounts import selectors
from shop.operations.middleware import StaffPolicyMiddleware

SET_UP, ENTER = "customer:second-factor-set-up", "customer:second-factor-enter"
# Leaving, one's language, and the question about cookies that the page shows. Whatever is not named here waits.
OPEN = frozenset({"customer:logout", "set_language", "consent"})


class SecondFactorMiddleware:
    """Lead every session that owes a second factor to the page where it is entered, or set up first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not request.user.is_authenticated or name in OPEN:
            return None
        may_be_new = name.startswith("portal:") or request.path.startswith(StaffPolicyMiddleware.STAFF_PATHS)
        if not selectors.is_due(request, look_again=may_be_new):
            return None
        device = selectors.device_of(request.user)
        page = ENTER if device else SET_UP
        if name == page or selectors.is_shown(request, device):
            return None
        wanted = request.get_full_path() if request.method == "GET" else ""
        address = reverse(page) + ("?" + urlencode({"next": wanted}, safe="/") if wanted else "")
        htmx: Any = getattr(request, "htmx", False)
        return HttpResponseClientRedirect(reverse(page)) if htmx else HttpResponseRedirect(address)
