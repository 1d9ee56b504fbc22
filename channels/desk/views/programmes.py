"""Programmes: their versions read aloud, drafted, compared and published."""

from datetime import datetime
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import Programme, ProgrammeVersion
from channels.commissions.selectors import rule_changes, rule_sentences, vocabulary
from channels.commissions.selectors.rule_words import Words
from channels.commissions.selectors.simulations import final_run, latest_run
from channels.commissions.selectors.trial import try_order
from channels.commissions.services import programmes
from channels.core.terms import TermsError
from channels.desk.forms import PublishForm
from channels.desk.pages import DeskAct, DeskForm, DeskTemplate
from channels.desk.programme_forms import GeneralForm, ProgrammeForm

VIEW, ADD, CHANGE = (f"channels_commissions.{act}_programmeversion" for act in ("view", "add", "change"))
TRAIL = (("desk_programmes", gettext_lazy("Programmes")),)
REFUSALS = (TermsError, programmes.AlreadyPublished, programmes.ChangedMeanwhile)


class ProgrammeList(DeskTemplate):
    """All programmes with their versions, each against the one before."""

    permission = VIEW
    act_permission = ADD
    page_title = gettext_lazy("Programmes")
    template_name = "channels/desk/programme_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = vocabulary.words_of(vocabulary.vocabulary())
        groups = []
        for programme in Programme.objects.prefetch_related("versions__published_by"):
            versions = list(programme.versions.all())
            rows = [
                {
                    "version": version,
                    "changes": rule_changes.changes(before.terms, version.terms, words) if before else [],
                }
                for version, before in zip(versions, [*versions[1:], None], strict=True)
            ]
            groups.append({"programme": programme, "versions": rows})
        return {**super().get_context_data(**kwargs), "groups": groups}


class VersionPage:
    """What the pages of one version share."""

    kwargs: dict[str, Any]

    @cached_property
    def version(self) -> ProgrammeVersion:
        return get_object_or_404(ProgrammeVersion.objects.select_related("programme"), pk=self.kwargs["pk"])

    @cached_property
    def draft(self) -> ProgrammeVersion:
        if self.version.status != ProgrammeVersion.Status.DRAFT:
            raise Http404
        return self.version

    @cached_property
    def words(self) -> Words:
        return vocabulary.words_of(vocabulary.vocabulary())

    def crumb(self) -> dict[str, Any]:
        return {"url": reverse("desk_programme_version", args=[self.version.pk]), "label": str(self.version)}


class VersionDetail(VersionPage, DeskTemplate):
    """One version: its rules in their order, what they say, and what happens with a draft next."""

    permission = VIEW
    act_permission = CHANGE
    trail = TRAIL
    template_name = "channels/desk/programme_version.html"

    def get_page_title(self) -> str:
        return str(self.version)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.version
        terms, problems = _read(version)
        before = version.programme.versions.filter(version__lt=version.version).order_by("-version").first()
        is_draft = version.status == ProgrammeVersion.Status.DRAFT
        return {
            **super().get_context_data(**kwargs),
            "version": version,
            "is_draft": is_draft,
            "problems": problems,
            "rules": _rules(terms, self.words) if terms else [],
            "readings": rule_sentences.readings(terms, self.words) if terms else [],
            "general": rule_sentences.general(terms) if terms else [],
            "before": before,
            "changes": rule_changes.changes(before.terms, version.terms, self.words) if before else [],
            "latest": latest_run(version),
            "final": final_run(version) if terms and is_draft else None,
            "shares": _shares(version),
            **trial_context(self.request.GET.get("order", ""), terms),
        }


class ProgrammeCreate(DeskForm):
    """A new programme with an empty first draft."""

    permission = ADD
    form_class = ProgrammeForm
    trail = TRAIL
    page_title = gettext_lazy("New programme")
    submit_label = gettext_lazy("Make a first draft")

    def act(self, data: dict[str, Any], now: datetime) -> None:
        self.made = programmes.create_draft(
            programme=data["code"], name=data["name"], at=now, by=self.request.user, reason=""
        )

    def get_success_url(self) -> str:
        made = getattr(self, "made", None)
        return reverse("desk_programme_version", args=[made.pk]) if made else reverse("desk_programmes")


class ProgrammeDraft(DeskAct):
    """Draft the next version of a programme as a copy of its latest."""

    permission = ADD

    def act(self, now: datetime, reason: str, *, code: str) -> str:
        programme = get_object_or_404(Programme, code=code)
        self.version = programmes.create_draft(programme=programme.code, at=now, by=self.request.user, reason=reason)
        return _("%s is drafted. Change its rules, simulate it, then publish it.") % self.version

    def back(self, *, code: str) -> str:
        return reverse("desk_programme_version", args=[self.version.pk])


class GeneralEdit(VersionPage, DeskForm):
    """The cap, the holds and what else holds for all rules of a draft."""

    permission = CHANGE
    form_class = GeneralForm
    trail = TRAIL
    refusals = REFUSALS
    submit_label = gettext_lazy("Keep as draft")

    def get_page_title(self) -> str:
        return _("What holds for all rules of %s") % self.draft

    def get_form_kwargs(self) -> dict[str, Any]:
        known = vocabulary.vocabulary()
        terms = rule_changes.parsed(self.draft.terms)
        currencies = vocabulary.currencies_of(known, terms.rules if terms else ())
        currencies += [name for name in self.draft.terms.get("minimum_payable_minor", {}) if name not in currencies]
        return {**super().get_form_kwargs(), "terms": self.draft.terms, "currencies": currencies}

    def form_valid(self, form: GeneralForm) -> HttpResponse:
        self.terms = form.terms_now()
        return super().form_valid(form)

    def act(self, data: dict[str, Any], now: datetime) -> None:
        programmes.edit_draft(
            version_id=self.draft.pk, terms=self.terms, at=now, by=self.request.user, reason=data["reason"],
            seen=self.draft.terms,
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_programme_version", args=[self.version.pk])


class ProgrammePublish(VersionPage, DeskForm):
    """Put a draft version in force for orders from a moment on, when a simulation has its final text."""

    permission = CHANGE
    form_class = PublishForm
    template_name = "channels/desk/programme_publish.html"
    trail = TRAIL
    refusals = (*REFUSALS, programmes.EffectiveInThePast, programmes.NotSimulated)
    submit_label = gettext_lazy("Publish")
    success_message = gettext_lazy("Published. Orders already placed keep their version.")

    def get_page_title(self) -> str:
        return _("Publish %s") % self.version

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.version.status != ProgrammeVersion.Status.DRAFT:
            return redirect("desk_programme_version", self.version.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        terms, problems = _read(self.version)
        return {
            **super().get_context_data(**kwargs),
            "version": self.version,
            "problems": problems,
            "readings": rule_sentences.readings(terms, self.words) if terms else [],
            "final": final_run(self.version) if terms else None,
        }

    def act(self, data: dict[str, Any], now: datetime) -> None:
        programmes.publish(
            version_id=self.version.pk,
            at=now,
            effective_from=data["effective_from"],
            by=self.request.user,
            reason=data["reason"],
        )

    def get_success_url(self) -> str:
        return reverse("desk_programme_version", args=[self.version.pk])


def _shares(version: ProgrammeVersion) -> list[dict[str, Any]]:
    """Return each partner that was ever asked, with its latest share and how much is in its thread."""
    said = dict(version.comments.order_by().values_list("partner").annotate(number=Count("pk")))
    latest = {row.partner_id: row for row in version.shares.select_related("partner").order_by("pk")}
    rows = sorted(latest.values(), key=lambda row: row.partner.name)
    return [{"share": row, "partner": row.partner, "said": said.get(row.partner_id, 0)} for row in rows]


def trial_context(number: str, terms: ProgrammeTerms | None) -> dict[str, Any]:
    """Return what the terms make of the order that was asked for."""
    number = number.strip()
    tried = try_order(number, terms) if number and terms else None
    return {"trial_number": number, "trial": tried, "trial_unknown": bool(number and terms and tried is None)}


def _read(version: ProgrammeVersion) -> tuple[ProgrammeTerms | None, tuple[str, ...]]:
    try:
        return ProgrammeTerms.from_json(version.terms), ()
    except TermsError as error:
        return None, error.problems


def _rules(terms: ProgrammeTerms, words: Words) -> list[dict[str, Any]]:
    last = len(terms.rules) - 1
    return [
        {
            "id": rule.id, "label": rule.label or rule.id, "type": rule.type, "text": rule_sentences.sentence(rule, words),
            "is_first": place == 0, "is_last": place == last,
        }
        for place, rule in enumerate(terms.rules)
    ]  # fmt: skip
