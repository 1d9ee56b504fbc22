"""Links and codes: made, switched off and on, copied and printed."""

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.journeys.models import PartnerCode
from channels.journeys.services import codes as service
from channels.portal import qr
from channels.portal.access import Capability, MemberView
from channels.portal.forms import LinkForm
from channels.portal.selectors.links import Link, codes, links
from channels.portal.views.page import PortalPage

PER_PAGE = 25
FILE_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def address_of(request: HttpRequest, code: PartnerCode) -> str:
    return request.build_absolute_uri(reverse("partner_link", args=[code.code]))


class LinkListView(PortalPage):
    capability = Capability.LINKS
    section = "links"
    template_name = "channels/portal/links.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(codes(self.partner), PER_PAGE).get_page(self.request.GET.get("page"))
        found = links(self.partner, page.object_list, now=timezone.now())
        return {
            "page": page,
            "links": [{"link": link, "address": address_of(self.request, link.code)} for link in found],
        }


class LinkDetailView(PortalPage):
    capability = Capability.LINKS
    section = "links"
    template_name = "channels/portal/link.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        link = self._link(kwargs["pk"])
        address = address_of(self.request, link.code)
        return {"link": link, "address": address, "svg": qr.inline_svg(address)}

    def _link(self, pk: int) -> Link:
        found = codes(self.partner).filter(pk=pk)
        if not found:
            raise Http404
        return links(self.partner, found, now=timezone.now())[0]


class LinkCreateView(PortalPage):
    capability = Capability.MANAGE_LINKS
    section = "links"
    template_name = "channels/portal/link_form.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or LinkForm(now=timezone.now())
        return {"form": form, "prefix": self.request.build_absolute_uri("/r/")}

    def post(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        form = LinkForm(request.POST, now=now)
        made = self._make(form, now) if form.is_valid() else None
        if made is None:
            return self.render_to_response({**self.frame(), **self.content(form=form)}, status=422)
        messages.success(request, _("The link is ready to share."))
        return HttpResponseRedirect(reverse("portal:link", args=[made.pk]))

    def _make(self, form: LinkForm, now: Any) -> PartnerCode | None:
        values = form.cleaned_data
        try:
            return service.create(
                partner_id=self.partner.pk,
                code=values["code"],
                at=now,
                actor=cast("Any", self.request.user),
                label=values["label"],
                landing_path=values["landing_path"],
                campaign=values["campaign"],
                expires_at=form.expires_at(),
            )
        except service.CodeTaken:
            form.add_error("code", _("This code is taken. Try another one, such as one with the year."))
        return None


class LinkSwitchView(MemberView):
    """Switches a link off, or on again."""

    capability = Capability.MANAGE_LINKS
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        code = own_code(self, pk)
        now, actor = timezone.now(), cast("Any", request.user)
        if request.POST.get("to") == "on":
            service.reactivate(code_id=code.pk, at=now, actor=actor)
            messages.success(request, _("The link works again."))
        else:
            service.retire(code_id=code.pk, at=now, actor=actor)
            messages.success(request, _("The link is switched off. What it brought stays yours."))
        return HttpResponseRedirect(reverse("portal:link", args=[code.pk]))


class LinkQrView(MemberView):
    """The QR code of a link as a file."""

    capability = Capability.LINKS

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        code = own_code(self, pk)
        answer = HttpResponse(qr.file(address_of(request, code), kind), content_type=FILE_TYPES[kind])
        answer["Content-Disposition"] = f'attachment; filename="{code.code}.{kind}"'
        return answer


def own_code(view: MemberView, pk: int) -> PartnerCode:
    """Return the partner's own code; anybody else's is not found."""
    code = PartnerCode.objects.filter(partner=view.partner, pk=pk).first()
    if code is None:
        raise Http404
    return code
