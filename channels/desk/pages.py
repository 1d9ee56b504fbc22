"""What every page of the desk shares: a permission, Wagtail's furniture, and acts that answer with a message."""

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


class DeskPermission:
    """Deny unless the user holds `permission`; a page that names none is open to nobody."""

    permission = ""
    request: HttpRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Ask first: whoever may not open a page does not learn which rows there are."""
        if not self.permission or not request.user.has_perm(self.permission):
            raise PermissionDenied
        super().setup(request, *args, **kwargs)  # type: ignore[misc]


class DeskPage(DeskPermission, WagtailAdminTemplateMixin):
    """A page of the desk: crumbs from the desk's home, and whether the user may act here."""

    act_permission = ""
    header_icon = "group"
    trail: tuple[tuple[str, Any], ...] = ()  # (URL name, label) between the desk and this page

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        middle = [{"url": reverse(name), "label": label} for name, label in self.trail]
        home = [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse("desk"), "label": _("Channels")},
        ]
        return [*home, *middle, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_act = bool(self.act_permission) and self.request.user.has_perm(self.act_permission)
        return {**super().get_context_data(**kwargs), "may_act": may_act}


class DeskTemplate(DeskPage, TemplateView):
    """A page that shows one thing."""


class DeskForm(DeskPage, FormView):
    """A page with a form whose service may refuse: the refusal is shown on the form, nothing typed is lost."""

    template_name = "channels/desk/form.html"
    refusals: tuple[type[Exception], ...] = ()
    success_message: Any = _("Saved.")
    submit_label: Any = _("Save")

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            self.act(form.cleaned_data, timezone.now())
        except self.refusals as refusal:
            form.add_error(None, sentence(refusal))
            return self.form_invalid(form)
        messages.success(self.request, self.success_message)
        return redirect(self.get_success_url())

    def act(self, data: dict[str, Any], now: datetime) -> None:
        raise NotImplementedError


class DeskList(DeskPage, ListView):
    """A list with a filter form read from the query string; a wrong value is shown as wrong and filters nothing."""

    paginate_by = 50
    page_kwarg = "p"
    filter_form: type[forms.Form] | None = None

    def get_queryset(self) -> QuerySet[Any]:
        self.filters = self.filter_form(self.request.GET) if self.filter_form else None
        wanted: dict[str, Any] = {}
        if self.filters is not None:
            self.filters.is_valid()
            wanted = {name: value for name, value in self.filters.cleaned_data.items() if value not in (None, "")}
        return self.rows(wanted)

    def rows(self, wanted: dict[str, Any]) -> QuerySet[Any]:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = context["page_obj"]
        context["elided_page_range"] = page.paginator.get_elided_page_range(page.number)
        context["filter_form"] = self.filters
        return context


def paged(request: HttpRequest, rows: QuerySet[Any], per_page: int) -> dict[str, Any]:
    """Return what the desk's page furniture needs to show one page of rows on a page that shows one thing."""
    page = Paginator(rows, per_page).get_page(request.GET.get("p"))
    elided = page.paginator.get_elided_page_range(page.number)
    return {"page_obj": page, "is_paginated": page.has_other_pages(), "elided_page_range": elided}


class DeskAct(DeskPermission, View):
    """One POST that calls one service, and returns to where the person was with what came of it."""

    http_method_names = ["post"]
    refusals: tuple[type[Exception], ...] = ()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            message = self.act(timezone.now(), request.POST.get("reason", "").strip()[:255], **kwargs)
        except self.refusals as refusal:
            messages.error(request, sentence(refusal))
        else:
            messages.success(request, message)
        return redirect(self.back(**kwargs))

    def act(self, now: datetime, reason: str, **kwargs: Any) -> Any:
        """Do it and return the message that says so."""
        raise NotImplementedError

    def back(self, **kwargs: Any) -> str:
        raise NotImplementedError


def sentence(refusal: Exception) -> str:
    """Return an exception's text as a sentence."""
    text = str(refusal) or type(refusal).__name__
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
