"""What the company's pages share: who may open them, and their place in the account."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from shop.companies.access import can
from shop.companies.capabilities import Capability
from shop.companies.models import Company, Membership

SECTIONS = (
    ("company", "building", gettext_lazy("Company"), None),
    ("company-people", "users", gettext_lazy("People"), Capability.MANAGE_PEOPLE),
    ("company-locations", "pin", gettext_lazy("Locations"), Capability.MANAGE_LOCATIONS),
    ("company-cost-centres", "list", gettext_lazy("Cost centres"), Capability.MANAGE_COMPANY),
    ("company-partners", "partner", gettext_lazy("Partners"), Capability.MANAGE_COMPANY),
    ("company-details", "edit", gettext_lazy("Details"), Capability.MANAGE_COMPANY),
)


class CompanyPage(LoginRequiredMixin, View):
    """A page of the company that the request acts for. `capability` is what it takes; None lets every member in."""

    capability: ClassVar[Capability | None] = None
    section: ClassVar[str] = "company"
    membership: Membership
    company: Company
    actor: AbstractBaseUser

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        membership = request.membership  # type: ignore[attr-defined]
        if not membership:
            raise Http404(_("Your user does not belong to a company."))
        if self.capability is not None and not can(membership, self.capability):
            raise PermissionDenied(
                _("Your role does not open this page. An administrator of your company can change it.")
            )
        self.membership, self.company, self.actor = membership, membership.company, request.user
        return super().dispatch(request, *args, **kwargs)

    def page(self, template: str, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
        frame = {
            "page_title": title,
            "active_tab": "company",
            "company": self.company,
            "membership": self.membership,
            "sections": [
                {"href": reverse(f"customer:{name}"), "icon": icon, "label": label, "is_current": name == self.section}
                for name, icon, label, capability in SECTIONS
                if capability is None or can(self.membership, capability)
            ],
        }
        return render(self.request, f"shop/company/{template}.html", {**frame, **context}, status=status)
