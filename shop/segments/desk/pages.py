"""What the pages share: a permission, Wagtail's furniture, and acts that answer with a message."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, ListView, TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from shop.segments.services.groups import GroupRefused


class Page(PermissionRequiredMixin, WagtailAdminTemplateMixin):
    """A page with crumbs; `parent` is the (URL name, label) of the list that it belongs to."""

    raise_exception = True
    act_permission = ""
    parent: tuple[str, Any] | None = None

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        found = [{"url": reverse("wagtailadmin_home"), "label": _("Home")}]
        if self.parent:
            name, label = self.parent
            found.append({"url": reverse(name), "label": label})
        return [*found, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_act = bool(self.act_permission) and self.request.user.has_perm(self.act_permission)
        return {**super().get_context_data(**kwargs), "may_act": may_act}


class ListPage(Page, ListView):
    paginate_by = 50
    page_kwarg = "p"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = context["page_obj"]
        return {**context, "elided_page_range": page.paginator.get_elided_page_range(page.number)}


class ShownPage(Page, TemplateView):
    """A page that only shows."""


class FormPage(Page, FormView):
    template_name = "shop/segments/form.html"
    submit_label: Any = _("Save")
    saved: Any = _("Saved.")

    def form_valid(self, form: Any) -> HttpResponse:
        self.act(form, timezone.now())
        messages.success(self.request, self.saved)
        return redirect(self.get_success_url())

    def act(self, form: Any, now: datetime) -> None:
        raise NotImplementedError

    def get_success_url(self) -> str:
        assert self.parent is not None  # noqa: S101  every form here belongs to a list
        return reverse(self.parent[0])


class Act(PermissionRequiredMixin, View):
    """One POST that calls one service and returns with what came of it."""

    raise_exception = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            message = self.act(timezone.now(), **kwargs)
        except GroupRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, message)
        return redirect(self.back(**kwargs))

    def act(self, now: datetime, **kwargs: Any) -> Any:
        """Do it and return the message that says so."""
        raise NotImplementedError

    def back(self, **kwargs: Any) -> str:
        raise NotImplementedError
