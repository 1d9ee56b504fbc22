"""Drafts that the partner is asked about: the rules in plain words, its own result, and what it thinks."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.commissions.models import DraftShare, ProgrammeVersion
from channels.commissions.selectors import rule_changes, rule_sentences, vocabulary
from channels.commissions.selectors.consultations import OwnResult, consultation, consultations, own_result, thread
from channels.commissions.services import consultations as service
from channels.portal import numbers
from channels.portal.access import Capability, MemberView
from channels.portal.views.page import PortalPage

PER_PAGE = 25


class ConsultationListView(PortalPage):
    capability = Capability.CONSULTATIONS
    section = "consultations"
    template_name = "channels/portal/consultations.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(consultations(self.partner), PER_PAGE).get_page(self.request.GET.get("page"))
        return {"page": page, "rows": [_row(share) for share in page.object_list]}


class ConsultationView(PortalPage):
    """One version that is shared with the partner. Nothing here is another partner's."""

    capability = Capability.CONSULTATIONS
    section = "consultations"
    template_name = "channels/portal/consultation.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        share = own_share(self, kwargs["pk"])
        version = share.version
        terms = rule_changes.parsed(version.terms)
        words = vocabulary.words_of(vocabulary.vocabulary())
        own = own_result(version, self.partner)
        page = Paginator(own.orders, PER_PAGE).get_page(self.request.GET.get("page")) if own else None
        return {
            "share": share,
            "row": _row(share),
            "readings": rule_sentences.readings(terms, words) if terms else [],
            "general": rule_sentences.general(terms) if terms else [],
            "own": own,
            "amounts": _amounts(own),
            "page": page,
            "orders": [_order(row) for row in page.object_list] if page else [],
            "comments": thread(version, self.partner),
            "most": service.MOST,
        }


class CommentView(MemberView):
    """The partner writes into its own thread."""

    capability = Capability.COMMENT

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        share = own_share(self, pk)
        try:
            service.comment(
                version_id=share.version_id,
                partner_id=self.partner.pk,
                text=request.POST.get("text", ""),
                at=timezone.now(),
                by=self.seat.member.user,
            )
        except service.NothingSaid:
            messages.error(request, _("Write your comment first."))
        else:
            messages.success(request, _("Thank you. Your channel manager reads it."))
        return redirect(reverse("portal:consultation", args=[share.version_id]) + "#thread")


def own_share(view: MemberView, version_id: int) -> DraftShare:
    """Return what is shared with the partner; everything else is not found."""
    share = consultation(view.partner, version_id)
    if share is None:
        raise Http404
    return share


def _row(share: DraftShare) -> dict[str, Any]:
    version = share.version
    is_draft = version.status == ProgrammeVersion.Status.DRAFT
    return {
        "href": reverse("portal:consultation", args=[version.pk]),
        "name": str(version),
        "shared_at": share.shared_at,
        "is_draft": is_draft,
        "state": {"label": version.get_status_display(), "tone": "info" if is_draft else "success"},
        "effective_from": version.effective_from,
    }


def _amounts(own: OwnResult | None) -> list[dict[str, Any]]:
    if own is None:
        return []
    return [
        {
            "then": numbers.money(row.then_minor, row.currency),
            "now": numbers.money(row.now_minor, row.currency),
            "change": numbers.money(abs(row.now_minor - row.then_minor), row.currency),
            "direction": "up" if row.now_minor > row.then_minor else "down" if row.now_minor < row.then_minor else "",
        }
        for row in own.amounts
    ]


def _order(row: Any) -> dict[str, Any]:
    return {
        "number": row.order.number,
        "href": reverse("portal:order", args=[row.order.number]),
        "placed_at": row.order.placed_at,
        "then": numbers.money(row.then_minor, row.currency),
        "now": numbers.money(row.now_minor, row.currency),
        "is_less": row.now_minor < row.then_minor,
    }
