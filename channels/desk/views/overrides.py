"""Overrides: proposed by one person with a preview, decided by another."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.commissions.models import Dispute
from channels.commissions.selectors.override_preview import Preview, preview
from channels.commissions.services import disputes
from channels.commissions.services import overrides as service
from channels.desk.forms import OverrideFilter
from channels.desk.override_forms import OverrideForm
from channels.desk.pages import DeskAct, DeskForm, DeskList, DeskTemplate, sentence
from channels.journeys.models import Credit, OrderRecord, Override
from channels.journeys.selectors.overrides import run_in_force
from channels.journeys.services import overrides
from channels.journeys.services.overrides import NotPossible
from channels.partners.models import ChannelPartner

VIEW, PROPOSE, DECIDE = (f"channels_journeys.{act}_override" for act in ("view", "add", "change"))


class OverrideList(DeskList):
    """Proposals, those that wait first."""

    permission = VIEW
    page_title = gettext_lazy("Overrides")
    template_name = "channels/desk/override_list.html"
    filter_form = OverrideFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[Override]:
        found = Override.objects.select_related("order__company", "proposed_by", "decided_by")
        if query := wanted.pop("q", ""):
            found = found.filter(Q(order__number__icontains=query) | Q(reason__icontains=query))
        return found.filter(**wanted).order_by("decided_at", "-proposed_at", "-pk")


class OverrideDetail(DeskTemplate):
    """One proposal: who would gain and lose, and the decision."""

    permission = VIEW
    act_permission = DECIDE
    template_name = "channels/desk/override_detail.html"
    trail = (("desk_credit_overrides", gettext_lazy("Overrides")),)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        found = Override.objects.select_related("order__company", "proposed_by", "decided_by", "run")
        self.override = get_object_or_404(found, pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return _("Override of order %s") % self.override.order.number

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found, context = self.override, super().get_context_data(**kwargs)
        waits = found.state == Override.State.PROPOSED
        return {
            **context,
            "override": found,
            "dispute": Dispute.objects.filter(override=found).select_related("partner").first(),
            "pools": told_pools(found.pools),
            "lines": found.order.lines.filter(key__in=found.lines) if found.lines else found.order.lines.all(),
            "preview": told_preview(preview_of(found)) if waits else None,
            "is_own": found.proposed_by_id == self.request.user.pk,
            "waits": waits,
        }


class OverridePropose(DeskForm):
    """New shares with a preview; nothing is written before they are proposed."""

    permission = PROPOSE
    template_name = "channels/desk/override_form.html"
    form_class = OverrideForm
    refusals = (NotPossible, disputes.NotPossible)
    success_message = gettext_lazy("The override is proposed. Somebody else decides on it.")
    trail = (("desk_orders", gettext_lazy("Credited orders")),)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.order = get_object_or_404(OrderRecord.objects.select_related("company"), number=kwargs["number"])
        named = request.POST.get("dispute") or request.GET.get("dispute", "")
        under_review = Dispute.objects.filter(order=self.order, state=Dispute.State.UNDER_REVIEW)
        self.dispute = under_review.select_related("partner").filter(number=named).first()

    def get_page_title(self) -> str:
        return _("Override the credits of order %s") % self.order.number

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "order": self.order}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = {"order": self.order, "dispute": self.dispute, "is_attributed": run_in_force(self.order) is not None}
        return {**super().get_context_data(**kwargs), **found}

    def form_valid(self, form: Any) -> HttpResponse:
        if "preview" not in self.request.POST:
            return super().form_valid(form)
        data = form.cleaned_data
        try:
            overrides.check(order=self.order, lines=data["lines"], pools=data["pools"])
        except NotPossible as refusal:
            form.add_error(None, sentence(refusal))
            return self.form_invalid(form)
        found = preview(self.order, lines=data["lines"], pools=data["pools"])
        return self.render_to_response(self.get_context_data(form=form, preview=told_preview(found)))

    def act(self, data: dict[str, Any], now: Any) -> None:
        proposal = overrides.propose(
            order_id=self.order.pk,
            lines=data["lines"],
            pools=data["pools"],
            reason=data["reason"],
            evidence=data["evidence"],
            at=now,
            by=self.request.user,
        )
        if self.dispute is not None:
            disputes.propose_remedy(dispute_id=self.dispute.pk, override_id=proposal.pk)

    def get_success_url(self) -> str:
        if self.dispute is not None:
            return reverse("desk_dispute", args=[self.dispute.number])
        return reverse("desk_order", args=[self.order.number])


class DecideOverride(DeskAct):
    """Approve or reject: never by the person who proposed it; the service asks again."""

    permission = DECIDE
    refusals = (NotPossible,)

    def act(self, now: Any, reason: str, *, pk: int, verdict: str) -> Any:
        proposal = get_object_or_404(Override.objects.select_related("order"), pk=pk)
        if verdict == "approve":
            service.approve(override_id=pk, at=now, by=self.request.user)
            return _("Order %s has new credits; the partners are told.") % proposal.order.number
        overrides.reject(override_id=pk, at=now, by=self.request.user, answer=reason)
        return _("The override of order %s is turned down.") % proposal.order.number

    def back(self, *, pk: int, verdict: str) -> str:
        return reverse("desk_credit_override", args=[pk])


class WithdrawOverride(DeskAct):
    """Take one's own proposal back."""

    permission = PROPOSE
    refusals = (NotPossible,)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        proposal = get_object_or_404(Override, pk=kwargs["pk"])
        try:
            overrides.withdraw(override_id=proposal.pk, at=timezone.now(), by=request.user)
        except NotPossible as refusal:
            messages.error(request, sentence(refusal))
        else:
            messages.success(request, _("The proposal is withdrawn."))
        return redirect("desk_credit_override", pk=proposal.pk)


def preview_of(proposal: Override) -> Preview | None:
    """Return what the proposal would change; None when the order is not attributed any more."""
    try:
        return preview(proposal.order, lines=proposal.lines, pools=proposal.pools, reason=proposal.reason)
    except LookupError:
        return None


def told_preview(found: Preview | None) -> dict[str, Any] | None:
    if found is None:
        return None
    totals = sorted(found.by_partner().items(), key=lambda row: (row[1], row[0].name))
    return {
        "is_paid": found.is_paid,
        "currency": found.order.currency,
        "changes": found.changes,
        "totals": [{"partner": partner, "delta_minor": minor} for partner, minor in totals],
    }


def told_pools(pools: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    names = dict(ChannelPartner.objects.values_list("code", "name"))
    return [
        {"pool": Credit.Pool(pool).label, "partner": names.get(code, code), "share_bp": share}
        for pool, shares in pools.items()
        for code, share in shares.items()
    ]
