"""Versions of the attribution policy: drafted on a form, compared with the one before, published with a reason."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.core.terms import TermsError
from channels.desk.forms import PublishForm
from channels.desk.pages import DeskForm, DeskTemplate
from channels.desk.policy_form import PolicyForm, changes, terms_in_words
from channels.journeys.models import Policy
from channels.journeys.services import policies

TRAIL = (("desk_policies", gettext_lazy("Policies")),)
Status = Policy.Status


def before(policy: Policy) -> Policy | None:
    """Return the version that a version is compared with: the latest published below it, else the one below it."""
    earlier = Policy.objects.filter(version__lt=policy.version).order_by("-version")
    return earlier.filter(status=Status.PUBLISHED).first() or earlier.first()


class PolicyList(DeskTemplate):
    """All versions of the attribution policy, each against the published one before it."""

    permission = "channels_journeys.view_policy"
    act_permission = "channels_journeys.add_policy"
    page_title = gettext_lazy("Policies")
    template_name = "channels/desk/policy_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        versions = list(Policy.objects.select_related("published_by").order_by("-version"))
        now = timezone.now()
        published = [policy for policy in versions if policy.effective_from]
        starts = {row: row.effective_from for row in published if row.effective_from and row.effective_from <= now}
        in_force = max(starts, key=lambda policy: (starts[policy], policy.version), default=None)
        rows = [
            {
                "policy": policy,
                "changes": changes(base.terms, policy.terms) if base else [],
                "base": base,
                "is_in_force": policy == in_force,
                "is_ahead": policy in published and policy not in starts,
            }
            for place, policy in enumerate(versions)
            for base in [_base(versions[place + 1 :])]
        ]
        return {**super().get_context_data(**kwargs), "rows": rows}


def _base(earlier: list[Policy]) -> Policy | None:
    published = (policy for policy in earlier if policy.status == Status.PUBLISHED)
    return next(published, None) or next(iter(earlier), None)


class PolicyDetail(DeskTemplate):
    """One version in full, and what it changes."""

    permission = "channels_journeys.view_policy"
    act_permission = "channels_journeys.add_policy"
    template_name = "channels/desk/policy_detail.html"
    trail = TRAIL

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.policy = get_object_or_404(Policy.objects.select_related("published_by"), pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return _("Policy, version %d") % self.policy.version

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        base = before(self.policy)
        return {
            **super().get_context_data(**kwargs),
            "policy": self.policy,
            "base": base,
            "changes": changes(base.terms, self.policy.terms) if base else [],
            "sections": terms_in_words(self.policy.terms),
        }


class PolicyDraft(DeskForm):
    """Draft the next version from the latest published one, or change a draft."""

    permission = "channels_journeys.add_policy"
    form_class = PolicyForm
    template_name = "channels/desk/policy_form.html"
    trail = TRAIL
    refusals = (TermsError, policies.AlreadyPublished)
    submit_label = gettext_lazy("Keep as draft")
    success_message = gettext_lazy("The draft is kept. Publish it when it is right.")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        pk = kwargs.get("pk")
        self.policy = get_object_or_404(Policy, pk=pk, status=Status.DRAFT) if pk else None
        latest = Policy.objects.filter(status=Status.PUBLISHED).order_by("-version").first()
        self.base = before(self.policy) if self.policy else latest

    def get_page_title(self) -> str:
        return _("Edit the draft of version %d") % self.policy.version if self.policy else _("Draft the next policy")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "base": self.base.terms if self.base else {}}

    def get_initial(self) -> dict[str, Any]:
        start = self.policy or self.base
        return {
            **PolicyForm.initial_of(start.terms if start else {}),
            "reason": self.policy.reason if self.policy else "",
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "base": self.base}

    def form_valid(self, form: PolicyForm) -> HttpResponse:
        self.terms = form.terms
        return super().form_valid(form)

    def act(self, data: dict[str, Any], now: datetime) -> None:
        common = {"terms": self.terms, "at": now, "actor": self.request.user, "reason": data["reason"]}
        if self.policy:
            self.kept = policies.change_draft(policy_id=self.policy.pk, **common)
        else:
            self.kept = policies.draft(**common)

    def get_success_url(self) -> str:
        kept = getattr(self, "kept", None)
        return reverse("desk_policy", args=[kept.pk]) if kept else reverse("desk_policies")


class PolicyPublish(DeskForm):
    """Put a draft in force, with what it changes in view."""

    permission = "channels_journeys.change_policy"
    form_class = PublishForm
    template_name = "channels/desk/policy_publish.html"
    trail = TRAIL
    refusals = (TermsError, policies.AlreadyPublished, policies.EffectiveInThePast)
    submit_label = gettext_lazy("Publish")
    success_message = gettext_lazy("Published. Orders already placed keep their version.")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.policy = get_object_or_404(Policy, pk=kwargs["pk"])

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.policy.status == Status.PUBLISHED:
            return redirect("desk_policy", self.policy.pk)
        return super().get(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return _("Publish version %d") % self.policy.version

    def get_initial(self) -> dict[str, Any]:
        return {"reason": self.policy.reason}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        base = before(self.policy)
        return {
            **super().get_context_data(**kwargs),
            "base": base,
            "changes": changes(base.terms, self.policy.terms) if base else [],
        }

    def act(self, data: dict[str, Any], now: datetime) -> None:
        policies.publish(
            policy_id=self.policy.pk,
            at=now,
            effective_from=data["effective_from"] or now,
            actor=self.request.user,
            reason=data["reason"],
        )

    def get_success_url(self) -> str:
        return reverse("desk_policy", args=[self.policy.pk])
