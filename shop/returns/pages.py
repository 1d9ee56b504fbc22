"""The buyers' returns: ask from the order, follow, print the slip. Another company's return is not found."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.buying.selectors import orders_visible_to
from shop.companies.pages.base import CompanyPage
from shop.forks.order.models import Order
from shop.registration.documents import EXTENSIONS
from shop.returns import eligibility, selectors, slip, wording
from shop.returns.errors import ReturnRefused
from shop.returns.forms import AskForm
from shop.returns.models import ReturnDocument, ReturnRequest
from shop.returns.services import requests, steps
from shop.returns.services.steps import State, Step

PER_PAGE = 25
HAS_SLIP = (State.APPROVED,)
ICONS = {State.REJECTED: ("close", "error"), State.CANCELLED: ("close", ""), State.REFUNDED: ("check", "success"),
         State.REPLACED: ("check", "success")}  # fmt: skip


class FilterForm(forms.Form):
    """A wrong value filters nothing."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("All")), *State.choices]
    )


class AccountPage(CompanyPage):
    """A page beside the company's in the account."""

    def page(self, template: str, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return super().page(template, title, status=status, **{"active_tab": "returns", "sections": []} | context)

    def found(self, reference: str) -> ReturnRequest:
        rows = selectors.returns_visible_to(self.membership).select_related("order__purchase__company", "company")
        return get_object_or_404(rows, reference=reference)


class ReturnsPage(AccountPage):
    """All returns of the orders that the person sees, the latest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = FilterForm(request.GET)
        rows = selectors.returns_visible_to(self.membership).select_related("order__purchase", "requested_by")
        if form.is_valid() and form.cleaned_data["state"]:
            rows = rows.filter(state=form.cleaned_data["state"])
        rows = rows.annotate(units=Sum("lines__quantity")).order_by("-requested_at", "-pk")
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        return self.page(
            "returns",
            _("Returns"),
            rows=[(row, wording.TONES[State(row.state)]) for row in page],
            form=form,
            page_obj=page,
            is_filtered=bool(request.GET.get("state")),
        )


class AskPage(AccountPage):
    """Choose what goes back, how much of it and why; what may not says so."""

    def get(self, request: HttpRequest, order_number: str) -> HttpResponse:
        return self.form_page(self.order(order_number), None)

    def post(self, request: HttpRequest, order_number: str) -> HttpResponse:
        order = self.order(order_number)
        now = timezone.now()
        verdicts = eligibility.verdicts(order, on=timezone.localdate(now))
        form = AskForm(data=request.POST, files=request.FILES, verdicts=verdicts)
        if not form.is_valid():
            return self.form_page(order, form, status=422)
        try:
            asked = requests.ask(
                order_id=order.pk, key=form.cleaned_data["key"], lines=form.wanted(), at=now, by=request.user
            )
        except ReturnRefused as refusal:
            form.add_error(None, str(refusal))
            return self.form_page(order, form, status=422)
        messages.success(request, _("Return %s is requested. We have sent you a mail.") % asked)
        return redirect("customer:return", reference=asked.reference)

    def order(self, public_ref: str) -> Order:
        rows = orders_visible_to(self.membership).select_related("purchase__company")
        order = get_object_or_404(rows, purchase__public_ref=public_ref)
        if not selectors.may_return(self.membership, order):
            raise PermissionDenied(_("Your role does not return goods of this order. Whoever ordered it can."))
        return order

    def form_page(self, order: Order, form: AskForm | None, *, status: int = 200) -> HttpResponse:
        verdicts = eligibility.verdicts(order, on=timezone.localdate())
        form = form or AskForm(initial={"key": uuid4()}, verdicts=verdicts)
        return self.page(
            "return_ask",
            _("Return goods"),
            status=status,
            order=order,
            form=form,
            refused=[verdict for verdict in verdicts if verdict.why_not],
        )


class ReturnPage(AccountPage):
    """One return: what happens next, what came of each line, and how it came about."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        found = self.found(reference)
        return self.page(
            "return",
            _("Return %s") % found,
            found=found,
            tone=wording.TONES[State(found.state)],
            next_step=wording.next_step(found),
            lines=list(found.lines.select_related("line").prefetch_related("documents")),
            timeline=[_item(event) for event in found.events.order_by("pk")],
            note=getattr(found.take_back, "credit_note", None),
            repayments=list(found.take_back.repayments.all()) if found.take_back else [],
            has_slip=found.state in HAS_SLIP,
            may_cancel=steps.may_take(Step.CANCEL, found) and selectors.may_return(self.membership, found.order),
        )


class CancelView(AccountPage):
    """Take a return back, by POST alone."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        found = self.found(reference)
        if not selectors.may_return(self.membership, found.order):
            raise PermissionDenied
        try:
            requests.cancel(request_id=found.pk, at=timezone.now(), by=request.user)
        except ReturnRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Return %s is cancelled.") % found)
        return redirect("customer:return", reference=reference)


class SlipView(AccountPage):
    """The slip that goes into the parcel, once we want the goods."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        found = self.found(reference)
        if found.state not in HAS_SLIP:
            raise Http404
        headers = {"Content-Disposition": f'attachment; filename="{found.reference}.pdf"'}
        return HttpResponse(slip.build(found), content_type="application/pdf", headers=headers)


class DocumentView(AccountPage):
    """A photo or paper of a return, to save and never to show."""

    def get(self, request: HttpRequest, reference: str, pk: int) -> HttpResponse:
        return document_response(get_object_or_404(ReturnDocument, pk=pk, line__request=self.found(reference)))


def document_response(document: ReturnDocument) -> HttpResponse:
    """Return a document as a download that nobody keeps: it is somebody's file."""
    name = f"return-{document.pk}.{EXTENSIONS[document.media_type]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(bytes(document.content), content_type=document.media_type, headers=headers)


def _item(event: Any) -> dict[str, Any]:
    icon, tone = ICONS.get(State(event.to_state), ("clock", "primary"))
    return {"when": event.at, "title": event.get_to_state_display(), "text": event.text, "icon": icon, "tone": tone}
