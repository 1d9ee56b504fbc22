"""Request middleware: health answers, maintenance, and the looser script policy of the two staff back ends."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from shop.operations import health

GetResponse = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Answer /healthz and /readyz before sessions, hosts and redirects can get in the way."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"status": "ok"})
        if request.path == "/readyz":
            faults = health.faults()
            return JsonResponse(
                {"status": "unready" if faults else "ready", "faults": faults}, status=503 if faults else 200
            )
        return self.get_response(request)


class MaintenanceMiddleware:
    """Answer 503 with the maintenance page while MAINTENANCE is set; staff back ends stay open."""

    OPEN_PATHS = (
        "/admin/", "/dashboard/", "/accounts/login/", "/nb/accounts/login/", "/accounts/second-factor/",
        "/nb/accounts/second-factor/", "/static/", "/media/",
    )  # fmt: skip

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.MAINTENANCE and not request.path.startswith(self.OPEN_PATHS):
            return HttpResponse(render_to_string("maintenance.html"), status=503, headers={"Retry-After": "600"})
        return self.get_response(request)


class StaffPolicyMiddleware:
    """Loosen the script policy for Wagtail's admin and Oscar's dashboard, which carry inline scripts of their own.

    Both stay closed to other hosts; the storefront and the portal keep the strict policy.
    """

    STAFF_PATHS = ("/admin/", "/dashboard/", "/nb/dashboard/")
    POLICY = {
        "script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "worker-src": ["'self'", "blob:"],
    }

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(self.STAFF_PATHS):
            response._csp_replace = self.POLICY  # type: ignore[attr-defined]  # django-csp reads it
        return response
