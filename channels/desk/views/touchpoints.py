"""The touchpoints people report, and what touches usually cost."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.contracts import TouchKind, TouchpointFacts
from channels.desk.forms import TouchpointFilter
from channels.desk.pages import DeskForm, DeskList
from channels.desk.touch_forms import TouchCostForm, TouchpointForm
from channels.journeys.models import TouchCost, Touchpoint
from channels.journeys.services import costs
from channels.journeys.services.touchpoints import record_touchpoint

TRAIL = (("desk_touchpoints", gettext_lazy("Touchpoints")),)
COST_TRAIL = (*TRAIL, ("desk_touch_costs", gettext_lazy("Usual costs")))


class TouchpointList(DeskList):
    """Touchpoints, the latest first."""

    permission = "channels_journeys.view_touchpoint"
    act_permission = "channels_journeys.add_touchpoint"
    page_title = gettext_lazy("Touchpoints")
    template_name = "channels/desk/touchpoint_list.html"
    filter_form = TouchpointFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[Touchpoint]:
        found = Touchpoint.objects.select_related("partner", "company", "visitor__company", "recorded_by", "code")
        if query := wanted.pop("q", ""):
            found = found.filter(
                Q(company__name__icontains=query)
                | Q(visitor__company__name__icontains=query)
                | Q(campaign__icontains=query)
                | Q(note__icontains=query)
            )
        return found.filter(**wanted).order_by("-at", "-pk")


class TouchpointAdd(DeskForm):
    """Report a call, a visit, a demo, an event, a training, a quote or an introduction."""

    permission = "channels_journeys.add_touchpoint"
    page_title = gettext_lazy("Record a touchpoint")
    form_class = TouchpointForm
    trail = TRAIL

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "token": uuid4().hex}

    def act(self, data: dict[str, Any], now: datetime) -> None:
        partner = data["partner"]
        record_touchpoint(
            TouchpointFacts(
                key=f"desk:{self.request.user.pk}:{data['token']}",
                kind=TouchKind(data["kind"]),
                medium=data["medium"],
                at=data["at"],
                partner_code=partner.code if partner else "",
                campaign=data["campaign"],
                company_key=data["company"].key,
                recorded_by_id=self.request.user.pk,
                note=data["note"],
                cost_minor=data["cost_minor"],
                cost_currency=data["currency"],
            )
        )

    def get_success_url(self) -> str:
        return reverse("desk_touchpoints")


class TouchCostList(DeskList):
    """What one touch usually costs, by kind and medium."""

    permission = "channels_journeys.view_touchcost"
    act_permission = "channels_journeys.add_touchcost"
    page_title = gettext_lazy("Usual costs of touches")
    template_name = "channels/desk/touch_cost_list.html"
    trail = TRAIL

    def rows(self, wanted: dict[str, Any]) -> QuerySet[TouchCost]:
        return TouchCost.objects.select_related("recorded_by").order_by("kind", "medium", "-valid_from")


class TouchCostEdit(DeskForm):
    """Add a cost, or correct one."""

    permission = "channels_journeys.add_touchcost"
    form_class = TouchCostForm
    trail = COST_TRAIL
    refusals = (costs.CostTaken,)

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.row = get_object_or_404(TouchCost, pk=kwargs["pk"]) if "pk" in kwargs else None

    def get_page_title(self) -> str:
        return _("Correct: %s") % self.row if self.row else _("Add a cost")

    def get_initial(self) -> dict[str, Any]:
        return TouchCostForm.initial_of(self.row) if self.row else {}

    def act(self, data: dict[str, Any], now: datetime) -> None:
        names = ("kind", "medium", "cost_minor", "currency", "valid_from", "valid_to", "note")
        costs.put(
            cost_id=self.row.pk if self.row else None,
            at=now,
            actor=self.request.user,
            **{name: data[name] for name in names},
        )

    def get_success_url(self) -> str:
        return reverse("desk_touch_costs")
