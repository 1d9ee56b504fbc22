"""Price lists: found, made, changed, copied, archived, and given to whom they are for."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.pricing.desk import forms
from shop.pricing.desk.pages import PriceAct, PriceForm, PriceTable
from shop.pricing.desk.selectors import tables
from shop.pricing.desk.services import lists as desk_lists
from shop.pricing.models import PriceList, PriceListAssignment
from shop.pricing.services import lists

VIEW, ADD, CHANGE = "shop_pricing.view_pricelist", "shop_pricing.add_pricelist", "shop_pricing.change_pricelist"


class PriceLists(PriceTable):
    """All lists, and when and for how many they hold."""

    permission_required = VIEW
    act_permission = ADD
    page_title = gettext_lazy("Price lists")
    template_name = "shop/pricing/desk/lists.html"
    filter_form = forms.ListFilter

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [{"url": reverse("wagtailadmin_home"), "label": _("Home")}, {"url": "", "label": _("Prices")}]

    def rows(self, **wanted: Any) -> QuerySet[PriceList]:
        return tables.price_lists(on=timezone.localdate(), **wanted)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "today": timezone.localdate()}


class OfList:
    """A page about one list."""

    price_list: PriceList

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        self.price_list = get_object_or_404(PriceList.objects.select_related("parent"), pk=kwargs["pk"])

    def trail(self) -> list[dict[str, Any]]:
        return [{"url": reverse("price_list", args=[self.price_list.pk]), "label": self.price_list.name}]

    def get_success_url(self) -> str:
        return reverse("price_list", args=[self.price_list.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "price_list": self.price_list}  # type: ignore[misc]


class PriceListAdd(PriceForm):
    """A new list, for nobody yet."""

    permission_required = ADD
    form_class = forms.PriceListForm
    page_title = gettext_lazy("New price list")

    def act(self, form: forms.PriceListForm, now: datetime) -> None:
        self.made = lists.save_list(price_list=form.instance, at=now, by=self.request.user)

    def get_success_url(self) -> str:
        made = getattr(self, "made", None)
        return reverse("price_list", args=[made.pk]) if made else reverse("price_lists")


class PriceListEdit(OfList, PriceForm):
    """A list's terms."""

    permission_required = CHANGE
    form_class = forms.PriceListForm
    page_title = gettext_lazy("Change")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.price_list}

    def act(self, form: forms.PriceListForm, now: datetime) -> None:
        lists.save_list(price_list=form.instance, at=now, by=self.request.user)


class PriceListCopy(OfList, PriceForm):
    """Another list with the same terms and prices."""

    permission_required = ADD
    form_class = forms.CopyForm
    page_title = gettext_lazy("Copy")
    submit_label = gettext_lazy("Copy")
    success_message = gettext_lazy("Copied. The new list is for nobody yet.")

    def act(self, form: forms.CopyForm, now: datetime) -> None:
        data = form.cleaned_data
        self.price_list = desk_lists.copy(
            price_list=self.price_list, code=data["code"], name=data["name"], at=now, by=self.request.user
        )


class PriceListArchive(OfList, PriceAct):
    """End a list today."""

    permission_required = CHANGE

    def act(self, now: datetime, *, pk: int) -> str:
        desk_lists.archive(price_list=self.price_list, at=now, by=self.request.user)
        return _("The list is archived; its prices stay to be looked up.")

    def back(self, *, pk: int) -> str:
        return self.get_success_url()


class PriceListAssign(OfList, PriceForm):
    """Give a list to a company, a group or a channel."""

    permission_required = CHANGE
    form_class = forms.AssignmentForm
    page_title = gettext_lazy("For whom")

    def act(self, form: forms.AssignmentForm, now: datetime) -> None:
        lists.assign(price_list=self.price_list, **form.cleaned_data, at=now, by=self.request.user)


class PriceListWithdraw(OfList, PriceAct):
    """Take a list from whom it was for."""

    permission_required = CHANGE

    def act(self, now: datetime, *, pk: int, assignment: int) -> str:
        mine = PriceListAssignment.objects.select_related("price_list", "company", "group")
        found = get_object_or_404(mine, pk=assignment, price_list=self.price_list)
        lists.withdraw(assignment=found, at=now, by=self.request.user)
        return _("Withdrawn.")

    def back(self, *, pk: int, assignment: int) -> str:
        return self.get_success_url()
