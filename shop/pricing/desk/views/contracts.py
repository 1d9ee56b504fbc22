"""What was agreed with companies, who changed which price when, and who sees what."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.contracts import Channel
from shop.pricing.desk import forms
from shop.pricing.desk.pages import PriceAct, PriceForm, PriceTable, PriceTemplate
from shop.pricing.desk.selectors import tables
from shop.pricing.desk.selectors.preview import preview
from shop.pricing.models import ContractPrice, PriceRecord
from shop.pricing.services.prices import PriceRow, save_contract_prices

MOST_PREVIEWED = 100


class ContractPrices(PriceTable):
    """Contract prices, of one company or of all."""

    permission_required = "shop_pricing.view_contractprice"
    act_permission = "shop_pricing.change_contractprice"
    page_title = gettext_lazy("Contract prices")
    template_name = "shop/pricing/desk/contracts.html"
    filter_form = forms.ContractFilter

    def rows(self, **wanted: Any) -> QuerySet[ContractPrice]:
        return tables.contracts(**wanted)


class ContractAdd(PriceForm):
    """A price agreed with a company; one with the same product, quantity and first day is replaced."""

    permission_required = "shop_pricing.change_contractprice"
    form_class = forms.ContractForm
    page_title = gettext_lazy("Contract price")

    def trail(self) -> list[dict[str, Any]]:
        return [{"url": reverse("contract_prices"), "label": _("Contract prices")}]

    def act(self, form: forms.ContractForm, now: datetime) -> None:
        data = form.cleaned_data
        save_contract_prices(
            company=data["company"], currency=data["currency"], rows=self.rows(data), at=now, by=self.request.user
        )

    def rows(self, data: dict[str, Any]) -> list[PriceRow]:
        names = ("price", "min_quantity", "max_quantity", "valid_from", "valid_to", "reference")
        return [PriceRow(product_id=data["sku"].pk, **{name: data[name] for name in names})]

    def get_success_url(self) -> str:
        return reverse("contract_prices")


class ContractEdit(ContractAdd):
    """An agreed price as it shall be from now on. Its company, product and currency stay what they are."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = tables.with_names(ContractPrice.objects.select_related("company"))
        self.found = get_object_or_404(rows, pk=kwargs["pk"])

    def get_form(self, form_class: Any = None) -> forms.ContractForm:
        form = super().get_form(form_class)
        for name in ("company", "sku", "currency"):
            form.fields[name].disabled = True
        return form

    def get_initial(self) -> dict[str, Any]:
        names = ("currency", "min_quantity", "max_quantity", "price", "valid_from", "reference")
        values = {name: getattr(self.found, name) for name in names}
        return {**values, "company": str(self.found.company.key), "sku": self.found.sku, "valid_to": self.found.expires}

    def rows(self, data: dict[str, Any]) -> list[PriceRow]:
        """The row itself; under another quantity or first day it is another price, and the old one goes."""
        [row] = super().rows(data)
        old = removed(self.found)
        return [row] if row.key == old.key else [old, row]


class ContractRemove(PriceAct):
    """Take an agreed price out; the history keeps it."""

    permission_required = "shop_pricing.change_contractprice"

    def act(self, now: datetime, *, pk: int) -> str:
        found = get_object_or_404(ContractPrice.objects.select_related("company"), pk=pk)
        save_contract_prices(
            company=found.company, currency=found.currency, rows=[removed(found)], at=now, by=self.request.user
        )
        return _("The price is taken out; the history keeps it.")

    def back(self, *, pk: int) -> str:
        return reverse("contract_prices")


def removed(found: ContractPrice) -> PriceRow:
    return PriceRow(
        product_id=found.product_id, price=None, min_quantity=found.min_quantity, valid_from=found.valid_from
    )


class PriceHistory(PriceTable):
    """Every change: who, when, before and after."""

    permission_required = "shop_pricing.view_pricerecord"
    page_title = gettext_lazy("History of prices")
    template_name = "shop/pricing/desk/history.html"
    filter_form = forms.HistoryFilter

    def rows(self, **wanted: Any) -> QuerySet[PriceRecord]:
        return tables.history(**wanted)


class PricePreview(PriceTemplate):
    """As company X on date Y: the price, where it comes from, and what else there was. Asked for in the address."""

    permission_required = "shop_pricing.view_pricelist"
    page_title = gettext_lazy("Who sees what")
    template_name = "shop/pricing/desk/preview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = forms.PreviewForm(self.request.GET if "on" in self.request.GET else None)
        context = {**super().get_context_data(**kwargs), "form": form, "most": MOST_PREVIEWED}
        if not form.is_valid():
            return context
        data = form.cleaned_data
        found = preview(
            company=data["company"],
            products=form.products(MOST_PREVIEWED),
            quantity=data["quantity"],
            on=data["on"],
            channel=Channel(data["channel"]),
            currency=data["currency"],
        )
        return {**context, "preview": found, "asked": data}
