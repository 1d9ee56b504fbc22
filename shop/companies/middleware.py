"""Which company a request acts for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from shop.companies.selectors import company_key_of, company_status_of, membership_of
from shop.companies.signed_in import may_open_desk


class CompanyMiddleware:
    """Set `request.company_key` and `.company_status` (plain strings, '' without one), as of this moment and at no query.

    `request.membership` and `request.company` are read when they are asked for. Both are lazy objects around None when there is no company: test their truth, never `is None`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = SimpleLazyObject(lambda: membership_of(request))
        request.company_key = company_key_of(request)  # type: ignore[attr-defined]
        request.company_status = company_status_of(request)  # type: ignore[attr-defined]
        request.membership = membership  # type: ignore[attr-defined]
        request.may_open_desk = SimpleLazyObject(lambda: may_open_desk(request.user))  # type: ignore[attr-defined]
        request.company = SimpleLazyObject(lambda: membership.company if membership else None)  # type: ignore[attr-defined]
        return self.get_response(request)
