"""Undercuts: what the guard found and whom it would have hurt, overrides by two people, and the guard's setting."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.desk.harmony_forms import DecisionForm, GuardSettingForm, OverrideForm, UndercutFilter
from channels.desk.pages import DeskForm, DeskList, DeskTemplate, paged
from channels.desk.views.harmony import HARMONY_TRAIL, VIEW
from channels.harmony.models import GuardCheck, GuardOverride, GuardSetting
from channels.harmony.selectors import guard as selectors
from channels.harmony.services import guard, overrides
from channels.journeys.models import CompanyProfile

FINDINGS_PER_PAGE = 100
UNDERCUT_TRAIL = (*HARMONY_TRAIL, ("desk_undercuts", gettext_lazy("Undercuts")))


class UndercutList(DeskList):
    """Every price, promotion and order that would have hurt a partner, the latest first."""

    permission = VIEW
    act_permission = "channels_harmony.add_guardsetting"
    page_title = gettext_lazy("Undercuts")
    template_name = "channels/desk/undercut_list.html"
    trail = HARMONY_TRAIL
    filter_form = UndercutFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[GuardCheck]:
        return selectors.checks(
            query=wanted.get("q", ""), outcome=wanted.get("outcome", ""), source=wanted.get("source", "")
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = GuardOverride.objects.filter(state=GuardOverride.State.REQUESTED).select_related("guard_check")
        return {
            **super().get_context_data(**kwargs),
            "setting": GuardSetting.objects.first(),
            "waiting": waiting,
        }


class UndercutDetail(DeskTemplate):
    """Each company, product and quantity that one check would have hurt, and by how much."""

    permission = VIEW
    template_name = "channels/desk/undercut_detail.html"
    trail = UNDERCUT_TRAIL

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = GuardCheck.objects.select_related("actor", "override__requested_by", "override__decided_by")
        self.check = get_object_or_404(rows, pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return self.check.label

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        paging = paged(self.request, self.check.findings.select_related("partner"), FINDINGS_PER_PAGE)
        findings = list(paging["page_obj"])
        names = dict(
            CompanyProfile.objects.filter(key__in={row.company_key for row in findings}).values_list("key", "name")
        )
        override = getattr(self.check, "override", None)
        may_ask = self.request.user.has_perm("channels_harmony.add_guardoverride")
        may_decide = self.request.user.has_perm("channels_harmony.decide_guardoverride")
        is_own = override is not None and override.requested_by_id == self.request.user.pk
        is_open = override is not None and override.state == GuardOverride.State.REQUESTED
        return {
            **super().get_context_data(**kwargs),
            **paging,
            "check": self.check,
            "override": override,
            "findings": [(row, names.get(row.company_key, row.company_key)) for row in findings],
            "may_ask": may_ask and override is None and self.check.outcome == GuardCheck.Outcome.BLOCKED,
            "may_decide": may_decide and is_open and not is_own,
            "waits_for_other": is_open and is_own,
        }


class OverrideRequest(DeskForm):
    """Ask for leave to undercut, with a reason and an end."""

    permission = "channels_harmony.add_guardoverride"
    form_class = OverrideForm
    trail = UNDERCUT_TRAIL
    refusals = (overrides.OverrideNotAllowed,)
    submit_label = gettext_lazy("Ask a second person")
    success_message = gettext_lazy("Asked. A second person decides.")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.check = get_object_or_404(GuardCheck, pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return _("Override: %s") % self.check.label

    def act(self, data: dict[str, Any], now: datetime) -> None:
        overrides.request(check_id=self.check.pk, at=now, actor=self.request.user, **data)

    def get_success_url(self) -> str:
        return reverse("desk_undercut", args=[self.check.pk])


class OverrideDecide(DeskForm):
    """Approve or reject what somebody else asked for."""

    permission = "channels_harmony.decide_guardoverride"
    form_class = DecisionForm
    trail = UNDERCUT_TRAIL
    refusals = (overrides.OverrideNotAllowed,)
    submit_label = gettext_lazy("Decide")
    success_message = gettext_lazy("Decided.")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.override = get_object_or_404(GuardOverride.objects.select_related("guard_check"), pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return _("Decide: %s") % self.override.guard_check.label

    def act(self, data: dict[str, Any], now: datetime) -> None:
        overrides.decide(override_id=self.override.pk, at=now, actor=self.request.user, **data)

    def get_success_url(self) -> str:
        return reverse("desk_undercut", args=[self.override.guard_check_id])


class GuardSettingEdit(DeskForm):
    """Say what happens to undercuts from now on."""

    permission = "channels_harmony.add_guardsetting"
    page_title = gettext_lazy("What happens to an undercut")
    form_class = GuardSettingForm
    trail = UNDERCUT_TRAIL

    def get_initial(self) -> dict[str, Any]:
        setting = GuardSetting.objects.first()
        return {"prices": setting.prices, "promotions": setting.promotions} if setting else {}

    def act(self, data: dict[str, Any], now: datetime) -> None:
        guard.set_modes(at=now, actor=self.request.user, **data)

    def get_success_url(self) -> str:
        return reverse("desk_undercuts")
