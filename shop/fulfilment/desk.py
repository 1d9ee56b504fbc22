"""Delivery rules in the Wagtail admin, and the orders of which something is still to be sent."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.forks.order.models import Order
from shop.fulfilment import desk_forms, selectors
from shop.fulfilment.models import DeliveryMethod, ShippingRule
from shop.fulfilment.services import rules
from shop.operations.back_office import StaffAct, StaffForm, StaffList

RULES = ("delivery_rules", gettext_lazy("Delivery rules"))
SEE, CHANGE = "shop_fulfilment.view_shippingrule", "shop_fulfilment.change_shippingrule"


class RuleList(StaffList):
    """Every rule with its charges."""

    permission_required = SEE
    act_permission = CHANGE
    template_name = "shop/fulfilment/rules.html"
    page_title = gettext_lazy("Delivery rules")
    header_icon = "order"
    filter_form = desk_forms.RuleFilter

    def rows(self, **wanted: Any) -> QuerySet[ShippingRule]:
        return selectors.rules_for_lists().filter(**wanted)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "methods": DeliveryMethod.objects.all()}


class RuleSave(StaffForm):
    """A new rule, or a changed one."""

    permission_required = CHANGE
    form_class = desk_forms.RuleForm
    parent = RULES
    page_title = gettext_lazy("Delivery rule")
    success_message = gettext_lazy("Saved. The checkout follows now.")

    def get_form_kwargs(self) -> dict[str, Any]:
        pk = self.kwargs.get("pk")
        return {**super().get_form_kwargs(), "instance": get_object_or_404(ShippingRule, pk=pk) if pk else None}

    def act(self, form: desk_forms.RuleForm, now: datetime) -> None:
        charges = form.cleaned_data["charges"]
        rules.save(rule=form.save(commit=False), charges=charges, at=now, by=self.request.user)


class RuleSwitch(StaffAct):
    """Take a rule out of use, or into use again."""

    permission_required = CHANGE
    parent = RULES

    def act(self, now: datetime, *, pk: int) -> str:
        rule = get_object_or_404(ShippingRule, pk=pk)
        rules.switch(rule=rule, is_active=not rule.is_active, at=now, by=self.request.user)
        return _("The rule is in use.") if rule.is_active else _("The rule is out of use.")


class MethodSave(StaffForm):
    """A new method, or another name or place of one."""

    permission_required = CHANGE
    form_class = desk_forms.MethodForm
    parent = RULES
    page_title = gettext_lazy("Delivery method")

    def get_form_kwargs(self) -> dict[str, Any]:
        code = self.kwargs.get("code")
        return {**super().get_form_kwargs(), "instance": get_object_or_404(DeliveryMethod, pk=code) if code else None}

    def act(self, form: desk_forms.MethodForm, now: datetime) -> None:
        rules.save_method(method=form.save(commit=False))


class ToShip(StaffList):
    """Orders with goods that have not left, by the day that was asked for and then by age."""

    permission_required = "shop_fulfilment.add_shipment"
    template_name = "shop/fulfilment/to_ship.html"
    page_title = gettext_lazy("To be sent")
    header_icon = "upload"

    def rows(self, **wanted: Any) -> QuerySet[Order]:
        return selectors.orders_to_ship()
