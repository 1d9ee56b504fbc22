"""Sees partner codes and campaign tags in addresses, and who a browser turns out to be."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.contracts import CodeResolution, CodeStatus, TouchKind
from channels.journeys import arrivals, visits
from channels.journeys.services.codes import LINK_PREFIX

logger = logging.getLogger(__name__)

REF = "ref"


class VisitorMiddleware:
    """Set `request.visit` and `request.visitor_key`, and note arrivals.

    Needs the session, the user, messages and `request.company_key` from the middleware above it. A request without a
    code, a tag or a new login costs no query, and nothing that goes wrong here keeps the page from being shown.
    """

    UNOBSERVED = ("/admin/", "/dashboard/", LINK_PREFIX)  # staff's back ends; and the link's own view notes its code

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        visit = visits.read(request)
        request.visit = visit  # type: ignore[attr-defined]
        request.visitor_key = visit.key  # type: ignore[attr-defined]
        try:
            self._observe(request)
        except Exception:
            logger.exception("A visit was not observed.")
        response = self.get_response(request)
        visits.write(visit, request, response)
        return response

    def _observe(self, request: HttpRequest) -> None:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            arrivals.follow_login(request, at=timezone.now())
        if request.method != "GET" or request.path.startswith(self._unobserved()) or is_prefetch(request):
            return
        if code := request.GET.get(REF, "").strip():
            resolution, is_news = arrivals.arrive_by_code(
                request, code=code, kind=TouchKind.REFERRAL_CODE, at=timezone.now()
            )
            if is_news or resolution.status != CodeStatus.OK:
                tell(request, resolution, code)
        elif tags := arrivals.tags_of(request):
            arrivals.arrive_by_campaign(request, tags=tags, at=timezone.now())

    def _unobserved(self) -> tuple[str, ...]:
        return (*self.UNOBSERVED, settings.STATIC_URL, settings.MEDIA_URL)


def is_prefetch(request: HttpRequest) -> bool:
    """Tell whether a browser only looks ahead: nobody came."""
    return "prefetch" in request.headers.get("Sec-Purpose", "")


def tell(request: HttpRequest, resolution: CodeResolution, code: str) -> None:
    """Say in one sentence what became of a code."""
    shown = code[:40]
    match resolution.status:
        case CodeStatus.OK:
            messages.success(request, _("You were referred by %(partner)s.") % {"partner": resolution.partner_name})
        case CodeStatus.EXPIRED:
            messages.warning(
                request,
                _("The partner code “%(code)s” has expired. You can shop as usual; no partner is credited by it.")
                % {"code": shown},
            )
        case CodeStatus.SUSPENDED:
            messages.warning(
                request,
                _("The partner of this link is not active at the moment. You can shop as usual."),
            )
        case _:
            messages.warning(
                request,
                _(
                    "We do not know the partner code “%(code)s”. Please check it with your partner; you can shop as usual."
                )
                % {"code": shown},
            )
