"""What every page about prices shares: a permission, Wagtail's furniture, and refusals that lose nothing typed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, ListView, TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from shop.pricing.desk.services.imports import ImportNotAllowed
from shop.pricing.guard import Undercut
from shop.pricing.services.lists import ListRefused
from shop.pricing.services.prices import PricesRefused

REFUSALS = (Undercut, PricesRefused, ListRefused, ImportNotAllowed)
PER_PAGE = 50


class PricePermission:
    """Deny unless the user holds `permission`; a page that names none is open to nobody."""

    permission = ""
    request: HttpRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Ask first: whoever may not open a page does not learn which rows there are."""
        if not self.permission or not request.user.has_perm(self.permission):
            raise PermissionDenied
        super().setup(request, *args, **kwargs)  # type: ignore[misc]


class PricePage(PricePermission, WagtailAdminTemplateMixin):
    """A page with crumbs from the price lists, and whether the user may act here."""

    act_permission = ""
    header_icon = "tag"

    def trail(self) -> list[dict[str, Any]]:
        """Return the crumbs between the price lists and this page."""
        return []

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        first = [{"url": reverse("wagtailadmin_home"), "label": _("Home")}]
        first += [{"url": reverse("price_lists"), "label": _("Prices")}]
        return [*first, *self.trail(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_act = bool(self.act_permission) and self.request.user.has_perm(self.act_permission)
        return {**super().get_context_data(**kwargs), "may_act": may_act}


class PriceTemplate(PricePage, TemplateView):
    """A page that shows one thing."""


class PriceForm(PricePage, FormView):
    """A page with a form whose service may refuse: the refusal is shown on the form."""

    template_name = "shop/pricing/desk/form.html"
    success_message: Any = _("Saved.")
    submit_label: Any = _("Save")

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.act(form, timezone.now())
        except REFUSALS as refusal:
            for sentence in sentences(refusal):
                form.add_error(None, sentence)
            return self.form_invalid(form)
        messages.success(self.request, self.success_message)
        return redirect(self.get_success_url())

    def act(self, form: Any, now: datetime) -> None:
        raise NotImplementedError


class PriceTable(PricePage, ListView):
    """A list with a filter form read from the query string; a wrong value is shown as wrong and filters nothing."""

    paginate_by = PER_PAGE
    page_kwarg = "p"
    filter_form: type[forms.Form]

    def get_queryset(self) -> QuerySet[Any]:
        self.filters = self.filter_form(self.request.GET)
        self.filters.is_valid()
        wanted = {name: value for name, value in self.filters.cleaned_data.items() if value not in (None, "")}
        return self.rows(wanted)

    def rows(self, wanted: dict[str, Any]) -> QuerySet[Any]:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = context["page_obj"]
        elided = page.paginator.get_elided_page_range(page.number)
        return {**context, "elided_page_range": elided, "filter_form": self.filters}


class PriceAct(PricePermission, View):
    """One POST that calls one service, and returns to where the person was with what came of it."""

    http_method_names = ["post"]
    # Do it at `now`, for what the address names, and return the message that says so; and where to go then.
    act: Callable[..., Any]
    back: Callable[..., str]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            message = self.act(timezone.now(), **kwargs)
        except REFUSALS as refusal:
            for sentence in sentences(refusal):
                messages.error(request, sentence)
        else:
            messages.success(request, message)
        return redirect(self.back(**kwargs))


def sentences(refusal: Exception) -> list[str]:
    return refusal.messages if isinstance(refusal, Undercut) else [str(refusal)]


def paged(request: HttpRequest, rows: QuerySet[Any]) -> dict[str, Any]:
    """Return what the page furniture needs to show one page of rows on a page that shows one thing."""
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    elided = page.paginator.get_elided_page_range(page.number)
    return {"page_obj": page, "is_paginated": page.has_other_pages(), "elided_page_range": elided}
