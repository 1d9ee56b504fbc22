"""Who sees what: the rules, and the view of a product or a company."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.segments.desk.forms import RuleForm, WhoForm
from shop.segments.desk.pages import Act, FormPage, ListPage, ShownPage
from shop.segments.explained import hidden_view, touching, verdict
from shop.segments.models import VisibilityRule
from shop.segments.selectors import NOBODY, audience_of, mode_of, rules_for_lists
from shop.segments.services import visibility
from shop.segments.wording import MODES, visibility_sentence

PARENT = ("visibility_rules", gettext_lazy("Visibility"))
VIEW = "shop_segments.view_visibilityrule"


class RuleList(ListPage):
    """Every rule as a sentence."""

    permission_required = VIEW
    act_permission = "shop_segments.add_visibilityrule"
    template_name = "shop/segments/rule_list.html"
    page_title = gettext_lazy("Visibility")
    header_icon = "view"

    def get_queryset(self) -> QuerySet[VisibilityRule]:
        return rules_for_lists()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "rows": [(rule, visibility_sentence(rule)) for rule in context["object_list"]]}


class RuleAdd(FormPage):
    permission_required = "shop_segments.add_visibilityrule"
    form_class = RuleForm
    parent = PARENT
    page_title = gettext_lazy("New visibility rule")
    saved = gettext_lazy("Saved. The store follows in a moment.")

    def act(self, form: RuleForm, now: datetime) -> None:
        visibility.add_rule(**form.cleaned_data, now=now, actor=self.request.user)


class RuleRemove(Act):
    permission_required = "shop_segments.delete_visibilityrule"

    def act(self, now: datetime, **kwargs: Any) -> str:
        rule = get_object_or_404(VisibilityRule, pk=kwargs["pk"])
        visibility.remove_rule(rule_id=rule.pk)
        return _("The rule is gone. The store follows in a moment.")

    def back(self, **kwargs: Any) -> str:
        return reverse(PARENT[0])


class WhoSees(ShownPage):
    """Who sees a product and why; what a company does not see; both together."""

    permission_required = VIEW
    template_name = "shop/segments/who_sees.html"
    page_title = gettext_lazy("Who sees what")
    header_icon = "view"
    parent = PARENT

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = WhoForm(self.request.GET)
        is_asked = form.is_valid()
        product = form.cleaned_data["product"] if is_asked else None
        company = form.cleaned_data["company"] if is_asked else None
        audience = audience_of(str(company.key), at=timezone.now()) if company else NOBODY
        found: dict[str, Any] = {"form": form, "product": product, "company": company}
        if product:
            rules = list(touching(product))
            found |= {
                "verdict": verdict(rules, audience),
                "sentences": [visibility_sentence(rule) for rule in rules],
                "deciding": [visibility_sentence(rule) for rule in verdict(rules, audience).rules],
            }
        if company:
            found |= {"view": hidden_view(audience), "mode": MODES[mode_of(audience)]}
        return super().get_context_data(**found, **kwargs)
