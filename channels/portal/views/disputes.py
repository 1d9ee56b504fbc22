"""Disputes and claims: the partner's own. What a claim's page says depends on what the partner wrote alone."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from channels.commissions.engine.disputes import Side
from channels.commissions.models import Adjustment, Dispute
from channels.commissions.selectors import disputes as selectors
from channels.commissions.services import disputes as service
from channels.journeys.models import OrderRecord
from channels.portal import numbers, wording
from channels.portal.access import Capability, MemberView
from channels.portal.dispute_forms import AnswerForm, ClaimForm, DisputeForm
from channels.portal.views.page import PortalPage

PER_PAGE = 25


class DisputeListView(PortalPage):
    capability = Capability.DISPUTES
    section = "disputes"
    template_name = "channels/portal/disputes.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(selectors.of_partner(self.partner), PER_PAGE).get_page(self.request.GET.get("page"))
        return {"page": page, "rows": [_row(row) for row in page.object_list], "days": settings.DISPUTE_CLAIM_DAYS}


class _OpenView(PortalPage):
    """A form that opens one; the service may refuse, and nothing typed is lost."""

    capability = Capability.DISPUTES
    section = "disputes"
    template_name = "channels/portal/dispute_form.html"
    form_class: type[forms.Form]

    def content(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.form_class()
        return {"form": form, "days": settings.DISPUTE_CLAIM_DAYS, "answer_days": settings.DISPUTE_ANSWER_DAYS}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.check(**kwargs)
        form = self.form_class(request.POST)
        if form.is_valid():
            try:
                dispute = self.open(form.cleaned_data, **kwargs)
            except service.NotPossible as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("We have it, and answer by %s.") % date_format(dispute.due_at, "j F Y"))
                return HttpResponseRedirect(reverse("portal:dispute", args=[dispute.number]))
        return self.render_to_response({**self.frame(), **self.content(form=form, **kwargs)}, status=422)

    def check(self, **kwargs: Any) -> None:
        """Raise Http404 for what is not the partner's."""

    def open(self, data: dict[str, Any], **kwargs: Any) -> Dispute:
        raise NotImplementedError


class DisputeCreditView(_OpenView):
    """About an order that credits the partner; anybody else's is not found."""

    form_class = DisputeForm

    def content(self, **kwargs: Any) -> dict[str, Any]:
        self.check(**kwargs)
        return {**super().content(**kwargs), "order": kwargs["number"]}

    def check(self, **kwargs: Any) -> None:
        order = OrderRecord.objects.filter(number=kwargs["number"]).first()
        if order is None or not selectors.is_credited(self.partner, order):
            raise Http404

    def open(self, data: dict[str, Any], **kwargs: Any) -> Dispute:
        return service.dispute_credit(
            partner_id=self.partner.pk,
            order_number=kwargs["number"],
            kind=data["kind"],
            reason=data["reason"],
            evidence=data["evidence"],
            at=timezone.now(),
            by=cast("Any", self.request.user),
        )


class ClaimView(_OpenView):
    """About an order that does not credit the partner, known to it or not."""

    form_class = ClaimForm

    def open(self, data: dict[str, Any], **kwargs: Any) -> Dispute:
        return service.claim(
            partner_id=self.partner.pk,
            named=data["named"],
            ordered_on=data["ordered_on"],
            reason=data["reason"],
            evidence=data["evidence"],
            at=timezone.now(),
            by=cast("Any", self.request.user),
        )


class DisputeView(PortalPage):
    """One of the partner's own, its thread, and an answer to add."""

    capability = Capability.DISPUTES
    section = "disputes"
    template_name = "channels/portal/dispute.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        dispute = own_dispute(self, kwargs["number"])
        adjustment = Adjustment.objects.filter(dispute=dispute).select_related("line__order").first()
        amount = numbers.money(adjustment.amount_minor, adjustment.line.order.currency) if adjustment else ""
        sees_order = dispute.order is not None and selectors.is_credited(self.partner, dispute.order)
        return {
            "row": _row(dispute),
            "dispute": dispute,
            "items": [_item(entry, dispute) for entry in selectors.thread(dispute, for_partner=True)],
            "amount": amount,
            "order": dispute.order if sees_order else None,
            "form": kwargs.get("form") or AnswerForm(),
        }

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        dispute = own_dispute(self, number)
        form = AnswerForm(request.POST)
        if form.is_valid():
            try:
                service.write(
                    dispute_id=dispute.pk, side=Side.PARTNER, text=form.cleaned_data["text"], at=timezone.now(),
                    by=cast("Any", request.user),
                )  # fmt: skip
            except service.NotPossible as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Added. The channel desk reads it."))
                return HttpResponseRedirect(reverse("portal:dispute", args=[number]))
        return self.render_to_response({**self.frame(), **self.content(number=number, form=form)}, status=422)


class DisputeWithdrawView(MemberView):
    capability = Capability.DISPUTES
    http_method_names = ["post"]

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        dispute = own_dispute(self, number)
        try:
            service.withdraw(dispute_id=dispute.pk, at=timezone.now(), by=cast("Any", request.user))
        except service.NotPossible as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("It is withdrawn. What was on hold because of it goes on."))
        return HttpResponseRedirect(reverse("portal:dispute", args=[number]))


def own_dispute(view: MemberView, number: str) -> Dispute:
    found = selectors.of_partner(view.partner).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _row(dispute: Dispute) -> dict[str, Any]:
    age = selectors.age(dispute, now=timezone.now())
    return {
        "dispute": dispute,
        "href": reverse("portal:dispute", args=[dispute.number]),
        "kind": dispute.get_kind_display(),
        "state": wording.dispute_state(dispute.state),
        "is_overdue": age.is_overdue,
    }


def _item(entry: Any, dispute: Dispute) -> dict[str, Any]:
    mine = entry.side == Side.PARTNER
    title = wording.DISPUTE_STEPS.get(entry.step) or (_("You wrote") if mine else _("The channel desk wrote"))
    return {
        "when": entry.at,
        "title": title,
        "text": dispute.reason if entry.step == "opened" else entry.text,
        "icon": "user" if mine else "building",
        "tone": "accent" if mine else "primary",
    }
