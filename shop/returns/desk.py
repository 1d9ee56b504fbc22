"""Returns in the Wagtail admin: what waits for whom, the steps, the money that finance releases, the windows."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from shop.billing.errors import BillingError
from shop.operations.back_office import StaffAct, StaffForm, StaffList, StaffOnly, StaffTemplate
from shop.payments.errors import CannotPay, OverRefund
from shop.returns import desk_forms, selectors
from shop.returns.errors import ReturnRefused
from shop.returns.models import Repayment, ReturnDocument, ReturnPolicy, ReturnRequest
from shop.returns.pages import document_response
from shop.returns.services import goods, grants, policies, repayments, requests, steps
from shop.returns.services.steps import Step

VIEW = "shop_returns.view_returnrequest"
HANDLE = "shop_returns.handle_returnrequest"
GRANT = "shop_returns.grant_returnrequest"
RELEASE = "shop_returns.release_repayment"
RETURNS = ("returns", gettext_lazy("Returns"))
REPAYMENTS = ("repayments", gettext_lazy("Money to release"))
POLICIES = ("return_policies", gettext_lazy("Return windows"))
NEEDS = {
    **dict.fromkeys((Step.APPROVE, Step.REJECT, Step.RECEIVE, Step.INSPECT), HANDLE),
    **dict.fromkeys((Step.GRANT, Step.REPLACE, Step.REFUND_INSTEAD), GRANT),
}


class Queue(StaffList):
    """What waits for us, the longest first."""

    permission_required = VIEW
    template_name = "shop/returns/queue.html"
    page_title = RETURNS[1]
    header_icon = "resubmit"
    filter_form = desk_forms.QueueFilter
    filter_defaults = {"state": "open"}

    def rows(self, *, state: str = "", q: str = "", **wanted: Any) -> QuerySet[ReturnRequest]:
        return selectors.queue(state=state, q=q)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        now = timezone.now()
        rows = [(row, _days(now - row.changed_at)) for row in context["object_list"]]
        return {**context, "rows": rows, "counts": selectors.counts(now=now)}


class OfReturn:
    """The return that the address names."""

    kwargs: dict[str, Any]

    @cached_property
    def found(self) -> ReturnRequest:
        rows = ReturnRequest.objects.select_related("order__purchase", "company", "requested_by", "take_back")
        return get_object_or_404(rows, reference=self.kwargs["reference"])


class ReturnPage(OfReturn, StaffTemplate):
    """One return with all that a decision needs, and the steps that may be taken now."""

    permission_required = VIEW
    parent = RETURNS
    template_name = "shop/returns/return.html"
    header_icon = "resubmit"

    def get_page_title(self) -> str:
        return _("Return %s") % self.found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.found
        lines = list(found.lines.select_related("line").prefetch_related("documents"))
        return {
            **super().get_context_data(**kwargs),
            "found": found,
            "lines": lines,
            "events": found.events.select_related("by").order_by("pk"),
            "note": getattr(found.take_back, "credit_note", None),
            "repayments": found.take_back.repayments.all() if found.take_back else [],
            "steps": self.offered(lines),
        }

    def offered(self, lines: list[Any]) -> set[str]:
        """Return the steps that this person may take now, and that lead anywhere."""
        found, outcomes = self.found, {line.outcome for line in lines if line.accepted}
        open_steps = {step for step, right in NEEDS.items() if steps.may_take(step, found) and self.has(right)}
        if found.take_back_id or "refund" not in outcomes:
            open_steps.discard(Step.GRANT)
        if found.replaced_at or "replace" not in outcomes:
            open_steps -= {Step.REPLACE, Step.REFUND_INSTEAD}
        return {step.value for step in open_steps}

    def has(self, permission: str) -> bool:
        return bool(self.request.user.has_perm(permission))


class StepForm(OfReturn, StaffForm):
    """A step that takes a form."""

    parent = RETURNS
    refusals = (ReturnRefused,)
    permission_required: str | tuple[str, ...] = (VIEW, HANDLE)

    def trail(self) -> list[dict[str, Any]]:
        return [{"url": self.get_success_url(), "label": str(self.found)}]

    def get_success_url(self) -> str:
        return reverse("return", args=[self.found.reference])

    def how(self, now: datetime) -> dict[str, Any]:
        return {"request_id": self.found.pk, "at": now, "by": self.request.user}


class OfLines(StepForm):
    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.found}


class ApprovePage(StepForm):
    form_class = desk_forms.NoteForm
    page_title = gettext_lazy("Approve")
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("Approved. The customer has the slip that goes with the goods.")

    def act(self, form: Any, now: datetime) -> None:
        requests.approve(text=form.cleaned_data["text"], **self.how(now))


class RejectPage(StepForm):
    form_class = desk_forms.ReasonForm
    page_title = gettext_lazy("Reject")
    submit_label = gettext_lazy("Reject")
    success_message = gettext_lazy("Rejected. The customer was told why.")

    def act(self, form: Any, now: datetime) -> None:
        requests.reject(text=form.cleaned_data["text"], **self.how(now))


class ReceivePage(OfLines):
    form_class = desk_forms.ReceiveForm
    page_title = gettext_lazy("Receive")
    success_message = gettext_lazy("Received. Inspect the goods next.")

    def act(self, form: Any, now: datetime) -> None:
        goods.receive(quantities=form.quantities(), **self.how(now))


class InspectPage(OfLines):
    form_class = desk_forms.InspectForm
    template_name = "shop/returns/inspect.html"
    page_title = gettext_lazy("Inspect")

    def act(self, form: Any, now: datetime) -> None:
        goods.inspect(findings=form.findings(), text=form.cleaned_data["text"], **self.how(now))


class StepAct(OfReturn, StaffAct):
    """Grant, replace, or refund instead: a button each."""

    permission_required = (VIEW, GRANT)
    refusals = (ReturnRefused,)

    def act(self, now: datetime, *args: Any, **kwargs: Any) -> str:
        how: dict[str, Any] = {"request_id": self.found.pk, "at": now, "by": self.request.user}
        match kwargs["step"]:
            case Step.GRANT:
                grants.grant(**how)
                return _("Granted. The credit note is written; money that goes back waits for finance.")
            case Step.REPLACE:
                goods.replace(**how)
                return _("The replacement is allocated. It is sent from the order's page, like any shipment.")
            case _refund:
                goods.refund_instead(**how)
                return _("It is refunded instead. Grant the refund next.")

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("return", args=[kwargs["reference"]])


class DocumentFile(StaffOnly, View):
    """A customer's photo or paper, to save and never to show."""

    permission_required = VIEW

    def get(self, request: HttpRequest, reference: str, pk: int) -> HttpResponse:
        return document_response(get_object_or_404(ReturnDocument, pk=pk, line__request__reference=reference))


class RepaymentList(StaffList):
    """Money that was granted and waits, the oldest first; what failed is seen here and tried again."""

    permission_required = ("shop_returns.view_repayment",)
    act_permission = RELEASE
    template_name = "shop/returns/repayments.html"
    page_title = REPAYMENTS[1]
    header_icon = "resubmit"
    filter_form = desk_forms.RepaymentFilter
    filter_defaults = {"state": "open"}

    def rows(self, *, state: str = "", q: str = "", **wanted: Any) -> QuerySet[Repayment]:
        return selectors.repayments(state=state, q=q)


class ReleasePage(StaffForm):
    """Let one amount go."""

    permission_required = ("shop_returns.view_repayment", RELEASE)
    parent = REPAYMENTS
    form_class = desk_forms.ReleaseForm
    template_name = "shop/returns/release.html"
    page_title = gettext_lazy("Release")
    submit_label = gettext_lazy("Release")
    success_message = gettext_lazy("Released.")
    refusals = (ReturnRefused, BillingError, CannotPay, OverRefund)

    @cached_property
    def repayment(self) -> Repayment:
        return get_object_or_404(selectors.repayments(), pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "repayment": self.repayment}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        needs_others = selectors.needs_other_eyes(self.repayment, self.request.user)
        return super().get_context_data(**kwargs, repayment=self.repayment, needs_others=needs_others)

    def act(self, form: Any, now: datetime) -> None:
        finance: Any = self.request.user
        repayments.release(repayment_id=self.repayment.pk, at=now, by=finance, **form.cleaned_data)


class PolicyList(StaffList):
    """How long which goods of whom may come back."""

    permission_required = "shop_returns.view_returnpolicy"
    act_permission = "shop_returns.change_returnpolicy"
    template_name = "shop/returns/policies.html"
    page_title = POLICIES[1]
    header_icon = "date"

    def rows(self, **wanted: Any) -> QuerySet[ReturnPolicy]:
        return ReturnPolicy.objects.select_related("company", "category", "product_class")


class PolicyAdd(StaffForm):
    permission_required: str | tuple[str, ...] = ("shop_returns.view_returnpolicy", "shop_returns.change_returnpolicy")
    parent = POLICIES
    form_class = desk_forms.PolicyForm
    page_title = gettext_lazy("Return window")

    def act(self, form: Any, now: datetime) -> None:
        policies.save(policy=form.instance, at=now, by=self.request.user)


class PolicyEdit(PolicyAdd):
    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": get_object_or_404(ReturnPolicy, pk=self.kwargs["pk"])}


class PolicyRemove(StaffAct):
    permission_required = ("shop_returns.view_returnpolicy", "shop_returns.change_returnpolicy")
    parent = POLICIES

    def act(self, now: datetime, *args: Any, **kwargs: Any) -> str:
        policies.remove(policy=get_object_or_404(ReturnPolicy, pk=kwargs["pk"]), at=now, by=self.request.user)
        return _("Removed.")


def _days(age: timedelta) -> int:
    return max(0, age.days)
