"""The roles that a company's people can have, and those that it makes itself."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.companies.access import may_give, roles_of
from shop.companies.capabilities import Capability
from shop.companies.models import Role
from shop.companies.pages.base import CompanyPage
from shop.companies.pages.role_forms import RoleForm
from shop.companies.services import people, roles


class RolesPage(CompanyPage):
    """Every role that the company's people can have, with its rights and how many have it."""

    capability = Capability.MANAGE_PEOPLE
    takes_whole_company = True
    section = "company-roles"

    def get(self, request: HttpRequest) -> HttpResponse:
        held = Count("memberships", filter=Q(memberships__company=self.company, memberships__is_active=True))
        found = roles_of(self.company).annotate(held=held).order_by("position", "name", "pk")
        return self.page("roles", _("Roles"), roles=found)


class RoleView(RolesPage):
    """One role of the company's own. Every company's, and one that reaches further than the reader, is not found."""

    def role(self, code: str | None) -> Role:
        if code is None:
            return Role(company=self.company)
        role = get_object_or_404(Role, company=self.company, code=code)
        if not may_give(self.membership, role):
            raise Http404
        return role

    def get(self, request: HttpRequest, code: str | None = None) -> HttpResponse:
        role = self.role(code)
        return self.role_page(role, RoleForm(instance=role, manager=self.membership))

    def post(self, request: HttpRequest, code: str | None = None) -> HttpResponse:
        role, now = self.role(code), timezone.now()
        if code is not None and "delete" in request.POST:
            return self.removed(role)
        form = RoleForm(request.POST, instance=role, manager=self.membership)
        if not form.is_valid():
            return self.role_page(self.role(code), form, status=422)
        try:
            roles.save(role=form.save(commit=False), at=now, actor=request.user)
        except people.LastAdministratorError as error:
            form.add_error(None, str(error))
            return self.role_page(self.role(code), form, status=422)
        messages.success(request, _("Saved."))
        return redirect("customer:company-roles")

    def removed(self, role: Role) -> HttpResponse:
        try:
            roles.delete(role=role, at=timezone.now(), actor=self.actor)
        except roles.RoleInUse as error:
            messages.error(self.request, str(error))
            return redirect("customer:company-role", code=role.code)
        messages.success(self.request, _("The role %(name)s is deleted.") % {"name": role.name})
        return redirect("customer:company-roles")

    def role_page(self, role: Role, form: Any, *, status: int = 200) -> HttpResponse:
        return self.page("role", role.name or _("Add a role"), status=status, role=role, form=form)
