"""What the store's pages for staff inside the Wagtail admin share: the permission, Wagtail's furniture, acts, the menu.

A page is a `StaffList`, `StaffTemplate`, `StaffForm` or `StaffAct`; it names `permission_required` and, where it stands
below a list, `parent`. Its template extends `shop/back_office/page.html` and fills the block `page`. The room's
`wagtail_hooks.py` registers the addresses, and a `SectionItem` or a `section_menu` for them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, ListView, TemplateView, View
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

PER_PAGE = 50


class StaffOnly:
    """Deny unless the user holds `permission_required`, all of them; a page that names none is open to nobody."""

    permission_required: str | tuple[str, ...] = ()
    request: HttpRequest

    @classmethod
    def is_open_to(cls, user: Any) -> bool:
        wanted = cls.permission_required
        wanted = (wanted,) if isinstance(wanted, str) else wanted
        return bool(wanted) and user.has_perms(wanted)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Ask first: whoever may not open a page does not learn which rows there are."""
        if not self.is_open_to(request.user):
            raise PermissionDenied
        super().setup(request, *args, **kwargs)  # type: ignore[misc]


class StaffPage(StaffOnly, WagtailAdminTemplateMixin):
    """A page with crumbs, and `may_act` in its context: whether the user holds `act_permission`."""

    act_permission = ""
    parent: tuple[str, Any] | None = None  # (URL name, label) of the list that the page stands below

    def trail(self) -> list[dict[str, Any]]:
        """Return the crumbs between the parent and this page, each with `url` and `label`."""
        return []

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        found = [{"url": reverse("wagtailadmin_home"), "label": _("Home")}]
        if self.parent:
            name, label = self.parent
            found.append({"url": reverse(name), "label": label})
        return [*found, *self.trail(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_act = bool(self.act_permission) and self.request.user.has_perm(self.act_permission)
        return {**super().get_context_data(**kwargs), "may_act": may_act}


class StaffTemplate(StaffPage, TemplateView):
    """A page that shows one thing."""


class StaffList(StaffPage, ListView):
    """A list; a filter form is read from the query string, where a wrong value is shown as wrong and filters nothing."""

    paginate_by = PER_PAGE
    page_kwarg = "p"
    filter_form: type[forms.Form] | None = None
    filter_defaults: dict[str, str] = {}

    def get_queryset(self) -> QuerySet[Any]:
        asked = {**self.filter_defaults, **self.request.GET.dict()}
        self.filters = self.filter_form(asked) if self.filter_form else None
        wanted: dict[str, Any] = {}
        if self.filters is not None:
            self.filters.is_valid()
            wanted = {name: value for name, value in self.filters.cleaned_data.items() if value not in (None, "")}
        return self.rows(**wanted)

    def rows(self, *args: Any, **wanted: Any) -> QuerySet[Any]:
        """Return the rows for what the filter form asks."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "elided_page_range": _elided(context["page_obj"]), "filter_form": self.filters}


class StaffForm(StaffPage, FormView):
    """A page with a form whose service may refuse: the refusal is shown on the form, nothing typed is lost."""

    template_name = "shop/back_office/form.html"
    refusals: tuple[type[Exception], ...] = ()
    success_message: Any = _("Saved.")
    submit_label: Any = _("Save")

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.act(form, timezone.now())
        except self.refusals as refusal:
            for sentence in sentences(refusal):
                form.add_error(None, sentence)
            return self.form_invalid(form)
        messages.success(self.request, self.success_message)
        return redirect(self.get_success_url())

    def act(self, form: Any, now: datetime) -> None:
        """Call the one service with what the clean form says."""
        raise NotImplementedError

    def get_success_url(self) -> str:
        return _address_of(self.parent)


class StaffAct(StaffOnly, View):
    """One POST that calls one service, and returns to where the person was with what came of it."""

    http_method_names = ["post"]
    refusals: tuple[type[Exception], ...] = ()
    parent: tuple[str, Any] | None = None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            message = self.act(timezone.now(), **kwargs)
        except self.refusals as refusal:
            for sentence in sentences(refusal):
                messages.error(request, sentence)
        else:
            messages.success(request, message)
        return redirect(self.back(**kwargs))

    def act(self, now: datetime, *args: Any, **kwargs: Any) -> Any:
        """Do it to what the address names, and return the message that says so."""
        raise NotImplementedError

    def back(self, *args: Any, **kwargs: Any) -> str:
        return _address_of(self.parent)


class SectionItem(MenuItem):
    """A menu item for the page at the URL name `name`, shown to those who may open it."""

    def __init__(self, name: str, label: Any, icon_name: str, page: type[StaffOnly], *, order: int) -> None:
        super().__init__(label, reverse_lazy(name), name=name, icon_name=icon_name, order=order)
        self.page = page

    def is_shown(self, request: HttpRequest) -> bool:
        return self.page.is_open_to(request.user)


def section_menu(
    name: str, label: Any, icon_name: str, sections: Iterable[tuple[str, Any, str, type[StaffOnly]]], *, order: int
) -> SubmenuMenuItem:
    """Return a menu of (URL name, label, icon, page) in their order."""
    items = [SectionItem(*section, order=place) for place, section in enumerate(sections)]
    menu = Menu(register_hook_name=None, items=items)
    return SubmenuMenuItem(label, menu, name=name, icon_name=icon_name, order=order)


def sentences(refusal: Exception) -> list[str]:
    """Return what a refusal says, a sentence each."""
    return getattr(refusal, "messages", None) or [str(refusal)]


def paged(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any]) -> dict[str, Any]:
    """Return what the furniture needs to show one page of rows on a page that shows one thing."""
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    return {"page_obj": page, "is_paginated": page.has_other_pages(), "elided_page_range": _elided(page)}


def _elided(page: Page[Any]) -> Any:
    return page.paginator.get_elided_page_range(page.number)


def _address_of(parent: tuple[str, Any] | None) -> str:
    if parent is None:
        raise NotImplementedError("Name the parent, or say where to go.")
    return reverse(parent[0])
