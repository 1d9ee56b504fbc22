"""Partner links, and the answer to the consent question."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache

from channels.contracts import TouchKind
from channels.journeys import arrivals, visits
from channels.journeys.middleware import is_prefetch, tell


@method_decorator(never_cache, name="dispatch")
class PartnerLinkView(View):
    """`/r/<code>`: notes the touch, says who referred the visitor, and goes on to the code's landing page."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        if request.method != "GET" or is_prefetch(request):
            return HttpResponseRedirect("/")
        resolution, _is_news = arrivals.arrive_by_code(request, code=code, kind=TouchKind.LINK, at=timezone.now())
        tell(request, resolution, code)
        return HttpResponseRedirect(resolution.landing_path)


@method_decorator(never_cache, name="dispatch")
class ConsentView(View):
    """Asks for and takes the consent to the visitor cookie; changing one's mind is the same form again."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        # The address carries no language of its own.
        with translation.override(translation.get_language_from_request(request)):
            return render(request, "channels/journeys/consent.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        choice = request.POST.get("choice", "")
        if choice not in visits.CHOICES:
            return HttpResponseBadRequest("choice must be one of: " + ", ".join(visits.CHOICES))
        visit = request.visit  # type: ignore[attr-defined]
        visit.choose(choice)
        request.visitor_key = visit.key  # type: ignore[attr-defined]
        if visit.granted:
            arrivals.follow_login(request, at=timezone.now())
            arrivals.settle(request)
        if getattr(request, "htmx", False):
            return HttpResponse()
        messages.success(request, _("Your choice is kept."))
        return HttpResponseRedirect(self._next(request))

    def _next(self, request: HttpRequest) -> str:
        wanted = request.POST.get("next", "")
        is_safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
        return wanted if is_safe else "/"
