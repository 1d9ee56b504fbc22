"""Who sees what: the rules, and the view of a product or a company."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oscar.apps.catalogue.models import Product

from shop.companies.models import Company
from shop.operations.back_office import StaffAct, StaffForm, StaffList
from shop.segments.desk.customers import CustomerView
from shop.segments.desk.forms import RuleForm, WhoForm
from shop.segments.explained import hidden_view, touching, verdict
from shop.segments.models import VisibilityRule
from shop.segments.selectors import Audience, mode_of, rules_for_lists
from shop.segments.services import visibility
from shop.segments.wording import MODES, visibility_sentence

PARENT = ("visibility_rules", gettext_lazy("Visibility"))
VIEW = "shop_segments.view_visibilityrule"


class RuleList(StaffList):
    """Every rule as a sentence."""

    permission_required = VIEW
    act_permission = "shop_segments.add_visibilityrule"
    template_name = "shop/segments/rule_list.html"
    page_title = gettext_lazy("Visibility")
    header_icon = "view"

    def rows(self, **wanted: Any) -> QuerySet[VisibilityRule]:
        return rules_for_lists()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "rows": [(rule, visibility_sentence(rule)) for rule in context["object_list"]]}


class RuleAdd(StaffForm):
    permission_required = "shop_segments.add_visibilityrule"
    form_class = RuleForm
    parent = PARENT
    page_title = gettext_lazy("New visibility rule")
    success_message = gettext_lazy("Saved. The store follows in a moment.")

    def act(self, form: RuleForm, now: datetime) -> None:
        visibility.add_rule(**form.cleaned_data, now=now, actor=self.request.user)


class RuleRemove(StaffAct):
    permission_required = "shop_segments.delete_visibilityrule"
    parent = PARENT

    def act(self, now: datetime, **kwargs: Any) -> str:
        visibility.remove_rule(rule_id=get_object_or_404(VisibilityRule, pk=kwargs["pk"]).pk)
        return _("The rule is gone. The store follows in a moment.")


class WhoSees(CustomerView):
    """Who sees a product and why; what a company does not see; both together."""

    permission_required = VIEW
    template_name = "shop/segments/who_sees.html"
    page_title = gettext_lazy("Who sees what")
    header_icon = "view"
    parent = PARENT
    form_class = WhoForm

    def found(self, asked: dict[str, Any], audience: Audience) -> dict[str, Any]:
        return {**_of_product(asked.get("product"), audience), **_of_company(asked.get("company"), audience)}


def _of_product(product: Product | None, audience: Audience) -> dict[str, Any]:
    if product is None:
        return {}
    rules = list(touching(product))
    decided = verdict(rules, audience)
    return {
        "verdict": decided,
        "sentences": [visibility_sentence(rule) for rule in rules],
        "deciding": [visibility_sentence(rule) for rule in decided.rules],
    }


def _of_company(company: Company | None, audience: Audience) -> dict[str, Any]:
    return {"view": hidden_view(audience), "mode": MODES[mode_of(audience)]} if company else {}
