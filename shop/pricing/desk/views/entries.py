"""The prices of a list: found among a hundred thousand, changed in the table, and tier by tier."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from oscar.apps.catalogue.models import Product

from shop.operations.back_office import paged, sentences
from shop.pricing.desk import forms
from shop.pricing.desk.pages import REFUSALS, PriceForm, PriceTemplate
from shop.pricing.desk.selectors import tables
from shop.pricing.desk.views.lists import ADD, CHANGE, VIEW, OfList
from shop.pricing.models import PriceEntry
from shop.pricing.services.prices import PriceRow, save_list_prices

ENTRIES = "shop_pricing.change_priceentry"


class PriceListDetail(OfList, PriceTemplate):
    """One list: its terms, whom it is for, and its prices; a page of them is changed with one press."""

    permission_required = VIEW
    act_permission = ENTRIES
    template_name = "shop/pricing/desk/list.html"

    def get_page_title(self) -> str:
        return self.price_list.name

    def trail(self) -> list[dict[str, Any]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filters = forms.EntryFilter(self.request.GET)
        q = filters.cleaned_data["q"] if filters.is_valid() else ""
        context = {**super().get_context_data(**kwargs), **paged(self.request, tables.entries(self.price_list, q=q))}
        rows = kwargs.get("rows") or [(entry, _amount_form(entry)) for entry in context["page_obj"]]
        has_perm, today = self.request.user.has_perm, timezone.localdate()
        return {
            **context,
            "rows": rows,
            "filter_form": filters,
            "sku_form": kwargs.get("sku_form") or forms.ProductForm(),
            "assignments": self.price_list.assignments.select_related("company", "group"),
            "may_change": has_perm(CHANGE),
            "may_add": has_perm(ADD),
            "may_import": has_perm("shop_pricing_desk.add_priceimport"),
            "today": today,
            "is_archived": self.price_list.valid_to is not None and self.price_list.valid_to <= today,
            "adjustment": f"{self.price_list.adjust_bp / 100:+g} %",
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save the prices that were changed on this page, or go to a product that is to get one."""
        if not request.user.has_perm(ENTRIES):
            raise PermissionDenied
        if "sku" in request.POST:
            return self._to_product(request, kwargs)
        shown = tables.entries(self.price_list).filter(pk__in=_shown(request))
        rows = [(entry, _amount_form(entry, request.POST)) for entry in shown]
        if all(form.is_valid() for _entry, form in rows):
            changed = [_row_of(entry, form) for entry, form in rows if form.has_changed()]
            try:
                save_list_prices(price_list=self.price_list, rows=changed, at=timezone.now(), by=request.user)
            except REFUSALS as refusal:
                return self.render_to_response(self.get_context_data(rows=rows, refusals=sentences(refusal), **kwargs))
            told = ngettext("%d price saved.", "%d prices saved.", len(changed)) % len(changed)
            messages.success(request, told)
            return redirect(request.get_full_path())
        return self.render_to_response(self.get_context_data(rows=rows, **kwargs))

    def _to_product(self, request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponse:
        form = forms.ProductForm(request.POST)
        if form.is_valid():
            return redirect("price_list_product", pk=self.price_list.pk, product=form.cleaned_data["sku"].pk)
        return self.render_to_response(self.get_context_data(sku_form=form, **kwargs))


class PriceListProduct(OfList, PriceForm):
    """All tiers and periods of one product in a list."""

    permission_required = ENTRIES
    form_class = forms.TierFormSet
    template_name = "shop/pricing/desk/tiers.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.product = get_object_or_404(Product.objects.select_related("parent"), pk=kwargs["product"])
        mine = PriceEntry.objects.filter(price_list=self.price_list, product=self.product)
        self.entries = list(mine.order_by("min_quantity", "valid_from"))

    def get_page_title(self) -> str:
        return self.product.get_title()

    def get_initial(self) -> Any:
        return [forms.TierForm.initial_of(entry) for entry in self.entries]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        record = self.product.stockrecords.first()
        return {**super().get_context_data(**kwargs), "product": self.product, "record": record}

    def act(self, form: Any, now: datetime) -> None:
        save_list_prices(price_list=self.price_list, rows=list(self._rows(form)), at=now, by=self.request.user)

    def form_valid(self, form: Any) -> HttpResponse:
        """A set of forms has no errors of its own to add to: the refusal is shown above it."""
        try:
            self.act(form, timezone.now())
        except REFUSALS as refusal:
            return self.render_to_response(self.get_context_data(form=form, refusals=sentences(refusal)))
        messages.success(self.request, self.success_message)
        return redirect(self.get_success_url())

    def _rows(self, formset: Any) -> Iterator[PriceRow]:
        """What stands in the table, and without a price each entry that stands there no more under its key."""
        wanted: dict[tuple[int, date | None], PriceRow] = {}
        twice: list[PriceRow] = []
        for form in formset:
            data = form.cleaned_data
            if data.get("price") is None:
                continue
            row = PriceRow(
                product_id=self.product.pk, price=data["price"], min_quantity=data["min_quantity"] or 1,
                valid_from=data["valid_from"], valid_to=data["valid_to"],
            )  # fmt: skip
            if wanted.setdefault((row.min_quantity, row.valid_from), row) is not row:
                twice.append(row)
        for entry in self.entries:
            if (entry.min_quantity, entry.valid_from) not in wanted:
                yield _row(entry, None)
        yield from (*wanted.values(), *twice)


def _amount_form(entry: Any, data: Any = None) -> forms.AmountForm:
    form = forms.AmountForm(data, prefix=f"e{entry.pk}", initial={"price": entry.price})
    form.fields["price"].widget.attrs["aria-label"] = _("Price of %(sku)s from %(quantity)d") % {
        "sku": entry.sku,
        "quantity": entry.min_quantity,
    }
    return form


def _shown(request: HttpRequest) -> list[int]:
    names = (name[1:].removesuffix("-price") for name in request.POST if name.startswith("e"))
    return [int(name) for name in names if name.isascii() and name.isdecimal()][:1000]


def _row_of(entry: PriceEntry, form: forms.AmountForm) -> PriceRow:
    return _row(entry, form.cleaned_data["price"])


def _row(entry: PriceEntry, price: Any) -> PriceRow:
    return PriceRow(
        product_id=entry.product_id,
        price=price,
        min_quantity=entry.min_quantity,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
    )
