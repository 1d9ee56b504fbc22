"""Whose prices are for customers only, although the others are shown to everybody."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.pricing.desk import forms
from shop.pricing.desk.pages import PriceAct, PriceForm, PriceTable
from shop.pricing.gating import Access
from shop.pricing.models import PriceGate
from shop.pricing.services.gates import remove_gate, set_gate

PARENT = ("price_gates", gettext_lazy("Hidden prices"))
CHANGE = "shop_pricing.change_pricelist"


class PriceGates(PriceTable):
    """The products and categories whose prices are hidden, and the products that are excepted."""

    permission_required = "shop_pricing.view_pricelist"
    act_permission = CHANGE
    page_title = gettext_lazy("Hidden prices")
    template_name = "shop/pricing/desk/gates.html"

    def rows(self, **wanted: Any) -> QuerySet[PriceGate]:
        return PriceGate.objects.select_related("product", "category", "created_by").order_by("-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shows_others = settings.ACCORD_PRICE_ACCESS == Access.PUBLIC
        return {**super().get_context_data(**kwargs), "shows_others": shows_others}


class PriceGateAdd(PriceForm):
    """Hide the prices of a product or a category, or except a product."""

    permission_required = CHANGE
    parent = PARENT
    form_class = forms.GateForm
    page_title = gettext_lazy("Hide prices")

    def act(self, form: forms.GateForm, now: datetime) -> None:
        data = form.cleaned_data
        set_gate(product=data["sku"], category=data["category"], is_open=data["is_open"], at=now, by=self.request.user)


class PriceGateRemove(PriceAct):
    """Show the prices as everywhere else."""

    permission_required = CHANGE
    parent = PARENT

    def act(self, now: datetime, *, pk: int) -> str:
        gate = get_object_or_404(PriceGate.objects.select_related("product", "category"), pk=pk)
        remove_gate(gate=gate, at=now, by=self.request.user)
        return _("Removed. These prices are shown as all others are.")
