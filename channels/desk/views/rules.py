"""The rule builder: one rule on a form, tried on an order before it is kept, and the order of the rules."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.commissions.engine import rule_order
from channels.commissions.engine.rules import Rule
from channels.commissions.selectors import rule_changes, rule_sentences, vocabulary
from channels.commissions.services import programmes
from channels.core.terms import TermsReader
from channels.desk.pages import DeskAct, DeskTemplate, sentence
from channels.desk.rule_forms import RuleForm
from channels.desk.views.programmes import CHANGE, REFUSALS, TRAIL, VersionPage, trial_context

STEPS = {"up": -1, "down": 1}


class RuleEdit(VersionPage, DeskTemplate):
    """Add or change a rule. "Try" shows what the draft with this rule makes of one order, and keeps nothing."""

    permission = CHANGE
    trail = TRAIL
    template_name = "channels/desk/rule_form.html"

    def get_page_title(self) -> str:
        return _("Change a rule of %s") % self.draft if self.rule_id else _("Add a rule to %s") % self.draft

    @property
    def rule_id(self) -> str:
        return str(self.kwargs.get("rule", ""))

    def rule(self) -> dict[str, Any]:
        if not self.rule_id:
            return {}
        for rule in rule_order.rules_of(self.draft.terms):
            if rule.get("id") == self.rule_id:
                return rule
        raise Http404

    def form(self, data: Any = None) -> RuleForm:
        known = vocabulary.vocabulary()
        terms = rule_changes.parsed(self.draft.terms)
        currencies = vocabulary.currencies_of(known, terms.rules if terms else ())
        return RuleForm(data, rule=self.rule(), known=known, currencies=currencies, segments=vocabulary.segments())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", self.form())
        context = {**super().get_context_data(**kwargs), "version": self.draft}
        rule = self.rule()
        if rule and "spoken" not in context:
            context["spoken"] = self.spoken(rule)
        return context

    def spoken(self, rule: dict[str, Any]) -> str:
        reader = TermsReader(rule)
        read = Rule.read(reader)
        return "" if reader.problems else rule_sentences.sentence(read, self.words)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form, spoken=""), status=422)
        rule = form.rule_json()
        rule["id"] = self.rule_id or rule_order.free_id(self.draft.terms, rule["label"] or rule["type"])
        terms = rule_order.placed(self.draft.terms, rule)
        if "try" in request.POST:
            tried = trial_context(request.POST.get("order", ""), rule_changes.parsed(terms))
            return self.render_to_response(self.get_context_data(form=form, spoken=self.spoken(rule), **tried))
        try:
            programmes.edit_draft(
                version_id=self.draft.pk, terms=terms, at=timezone.now(), by=request.user, seen=self.draft.terms
            )
        except REFUSALS as refusal:
            form.add_error(None, sentence(refusal))
            return self.render_to_response(self.get_context_data(form=form, spoken=""), status=422)
        messages.success(request, self.spoken(rule))
        return redirect("desk_programme_version", self.draft.pk)


class RuleStep(VersionPage, DeskAct):
    """Move a rule up or down, copy or remove it."""

    permission = CHANGE
    refusals = (*REFUSALS, rule_order.UnknownRule)

    def act(self, now: datetime, reason: str, *, pk: int, rule: str, step: str) -> str:
        terms = self.draft.terms
        if step in STEPS:
            changed, message = rule_order.moved(terms, rule, by=STEPS[step]), _("The rule is moved.")
        elif step == "copy":
            changed, message = rule_order.copied(terms, rule), _("The rule is copied: change the copy.")
        elif step == "remove":
            changed, message = rule_order.removed(terms, rule), _("The rule is removed.")
        else:
            raise Http404
        programmes.edit_draft(version_id=pk, terms=changed, at=now, by=self.request.user, seen=terms)
        return message

    def back(self, *, pk: int, rule: str, step: str) -> str:
        return reverse("desk_programme_version", args=[pk])
