"""What the partner was told: the list, and marking it read."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from channels.notices import services
from channels.notices.selectors import letter, notices
from channels.portal.access import Capability, MemberView
from channels.portal.views.page import PortalPage

PER_PAGE = 25


class NoticeListView(PortalPage):
    capability = Capability.NOTICES
    section = "notices"
    template_name = "channels/portal/notices.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        found = notices(self.partner, role=self.seat.member.role)
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        letters = [letter(notice) for notice in page.object_list]
        return {"page": page, "letters": letters, "newest": max((row.notice.pk for row in letters), default=0)}


class NoticeReadView(MemberView):
    """Marks one notice as read and goes where it leads; without one, marks all that were there when the page was."""

    capability = Capability.NOTICES
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        found = notices(self.partner, role=self.seat.member.role)
        here, now = reverse("portal:notices"), timezone.now()
        name = "notice" if "notice" in request.POST else "until"
        number = request.POST.get(name, "0")
        if not number.isdecimal() or len(number) > 18:
            raise Http404
        if name == "until":
            services.mark_read(notices=found.filter(pk__lte=int(number)), at=now)
            return HttpResponseRedirect(here)
        notice = found.filter(pk=int(number)).first()
        if notice is None:
            raise Http404
        services.mark_read(notices=found.filter(pk=notice.pk), at=now)
        return HttpResponseRedirect(letter(notice).path or here)
