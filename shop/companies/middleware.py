"""Which company a request acts for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from shop.companies.selectors import company_key_of, membership_of


class CompanyMiddleware:
    """Set `request.company_key` (a plain string, '' without one) and the lazy `request.membership` and `request.company`.

    Both are lazy objects around None when there is no company: test their truth, never `is None`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = SimpleLazyObject(lambda: membership_of(request))
        request.company_key = company_key_of(request)  # type: ignore[attr-defined]
        request.membership = membership  # type: ignore[attr-defined]
        request.company = SimpleLazyObject(lambda: membership.company if membership else None)  # type: ignore[attr-defined]
        return self.get_response(request)
