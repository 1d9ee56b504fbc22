"""Who stands for which company, with its history."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.desk.forms import EndForm, RelationshipFilter, RelationshipForm
from channels.desk.pages import DeskForm, DeskList
from channels.journeys.models import Relationship
from channels.journeys.services import relationships


class RelationshipList(DeskList):
    """Relationships, the latest first; ended ones stay."""

    permission = "channels_journeys.view_relationship"
    act_permission = "channels_journeys.add_relationship"
    page_title = gettext_lazy("Relationships")
    template_name = "channels/desk/relationship_list.html"
    filter_form = RelationshipFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[Relationship]:
        found = Relationship.objects.select_related("company", "partner", "recorded_by", "end__recorded_by")
        if query := wanted.pop("q", ""):
            found = found.filter(Q(company__name__icontains=query) | Q(partner__name__icontains=query))
        return found.filter(**wanted).order_by("-valid_from", "-pk")


class RelationshipAdd(DeskForm):
    """Give a partner a role. A new renewal steward ends the earlier one on the same day."""

    permission = "channels_journeys.add_relationship"
    page_title = gettext_lazy("Add a relationship")
    form_class = RelationshipForm
    trail = (("desk_relationships", gettext_lazy("Relationships")),)
    refusals = (relationships.UnknownParty,)

    def act(self, data: dict[str, Any], now: datetime) -> None:
        common = {
            "company_key": data["company"].key,
            "partner_code": data["partner"].code,
            "valid_from": data["valid_from"],
            "at": now,
            "source": "desk",
            "evidence": data["evidence"],
            "actor": self.request.user,
        }
        if data["role"] == Relationship.Role.RENEWAL_STEWARD:
            relationships.set_renewal_steward(**common)
        else:
            relationships.set_relationship(role=data["role"], **common)

    def get_success_url(self) -> str:
        return reverse("desk_relationships")


class RelationshipEndView(DeskForm):
    """End a relationship early, with the reason."""

    permission = "channels_journeys.add_relationshipend"
    form_class = EndForm
    trail = (("desk_relationships", gettext_lazy("Relationships")),)
    refusals = (relationships.EndNotAllowed,)
    submit_label = gettext_lazy("End the relationship")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.row = get_object_or_404(Relationship.objects.select_related("company", "partner"), pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return _("End: %s") % self.row

    def act(self, data: dict[str, Any], now: datetime) -> None:
        relationships.end(relationship_id=self.row.pk, at=now, actor=self.request.user, **data)

    def get_success_url(self) -> str:
        return reverse("desk_relationships")
