"""Programmes: versions, drafts and their publication."""

from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.commissions.models import Programme, ProgrammeVersion
from channels.commissions.services import programmes
from channels.core.terms import TermsError
from channels.desk.forms import PublishForm, RatesForm
from channels.desk.pages import DeskAct, DeskForm, DeskTemplate
from channels.desk.terms_diff import differences

PROGRAMME_TRAIL = (("desk_programmes", gettext_lazy("Programmes")),)


class ProgrammeList(DeskTemplate):
    """All programmes with their versions, each against the one before."""

    permission = "channels_commissions.view_programmeversion"
    act_permission = "channels_commissions.add_programmeversion"
    page_title = gettext_lazy("Programmes")
    template_name = "channels/desk/programme_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = []
        for programme in Programme.objects.prefetch_related("versions__published_by"):
            versions = list(programme.versions.all())
            pairs = zip_longest(versions, versions[1:])
            changed = [
                {"version": version, "changes": differences(before.terms, version.terms) if before else []}
                for version, before in pairs
            ]
            rows.append({"programme": programme, "versions": changed})
        return {**super().get_context_data(**kwargs), "rows": rows}


class ProgrammeDraft(DeskAct):
    """Draft the next version of a programme as a copy of its latest."""

    permission = "channels_commissions.add_programmeversion"

    def act(self, now: datetime, reason: str, *, code: str) -> str:
        programme = get_object_or_404(Programme, code=code)
        self.version = programmes.create_draft(programme=programme.code, at=now, by=self.request.user, reason=reason)
        return _("%s is drafted. Change its rates, then publish it.") % self.version

    def back(self, *, code: str) -> str:
        return reverse("desk_programme_edit", args=[self.version.pk])


class ProgrammeEdit(DeskForm):
    """Change the rates, the cap and the holds of a draft."""

    permission = "channels_commissions.change_programmeversion"
    form_class = RatesForm
    trail = PROGRAMME_TRAIL
    refusals = (TermsError, programmes.AlreadyPublished)
    submit_label = gettext_lazy("Keep as draft")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        drafts = ProgrammeVersion.objects.filter(status=ProgrammeVersion.Status.DRAFT).select_related("programme")
        self.version = get_object_or_404(drafts, pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return _("Edit %s") % self.version

    def get_form_kwargs(self) -> dict[str, Any]:
        from channels.commissions.engine.programme import ProgrammeTerms

        return {**super().get_form_kwargs(), "terms": ProgrammeTerms.from_json(self.version.terms).to_json()}

    def form_valid(self, form: RatesForm) -> HttpResponse:
        self.terms = form.terms_now()
        return super().form_valid(form)

    def act(self, data: dict[str, Any], now: datetime) -> None:
        programmes.edit_draft(
            version_id=self.version.pk, terms=self.terms, at=now, by=self.request.user, reason=data["reason"]
        )

    def get_success_url(self) -> str:
        return reverse("desk_programmes")


class ProgrammePublish(DeskForm):
    """Put a draft version in force for orders from a moment on."""

    permission = "channels_commissions.change_programmeversion"
    form_class = PublishForm
    trail = PROGRAMME_TRAIL
    refusals = (TermsError, programmes.AlreadyPublished, programmes.EffectiveInThePast, programmes.NotSimulated)
    submit_label = gettext_lazy("Publish")
    success_message = gettext_lazy("Published. Orders already placed keep their version.")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.version = get_object_or_404(ProgrammeVersion.objects.select_related("programme"), pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return _("Publish %s") % self.version

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.version.status != ProgrammeVersion.Status.DRAFT:
            return redirect("desk_programmes")
        return super().get(request, *args, **kwargs)

    def act(self, data: dict[str, Any], now: datetime) -> None:
        programmes.publish(
            version_id=self.version.pk,
            at=now,
            effective_from=data["effective_from"],
            by=self.request.user,
            reason=data["reason"],
        )

    def get_success_url(self) -> str:
        return reverse("desk_programmes")
