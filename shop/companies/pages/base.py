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

from shop.companies.access import Target, can
from shop.companies.capabilities import Capability
from shop.companies.models import Company, Membership

Wanted = Capability | tuple[Capability, ...] | None

SECTIONS: tuple[tuple[str, Any, Wanted, bool], ...] = (
    # address, label, what it takes, and whether for the whole company
    ("company", gettext_lazy("Company"), None, False),
    ("company-people", gettext_lazy("People"), Capability.MANAGE_PEOPLE, False),
    ("company-roles", gettext_lazy("Roles"), Capability.MANAGE_PEOPLE, True),
    ("company-locations", gettext_lazy("Locations"), Capability.MANAGE_LOCATIONS, False),
    ("company-tax", gettext_lazy("Tax exemption"), Capability.MANAGE_LOCATIONS, False),
    ("company-cost-centres", gettext_lazy("Cost centres"), Capability.MANAGE_COMPANY, False),
    ("company-partners", gettext_lazy("Partners"), Capability.MANAGE_COMPANY, False),
    ("company-credit", gettext_lazy("Credit"), Capability.VIEW_INVOICES, False),
    ("payment-methods", gettext_lazy("Payment methods"), (Capability.PAY_INVOICES, Capability.ORDER), False),
    ("company-details", gettext_lazy("Details"), Capability.MANAGE_COMPANY, False),
)


class CompanyPage(LoginRequiredMixin, View):
    """A page of the company that the request acts for. `capability` is what it takes; None lets every member in.

    Of several capabilities one is enough.
    """

    capability: ClassVar[Wanted] = None
    takes_whole_company: ClassVar[bool] = False
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
        if not _opens(membership, self.capability, whole_company=self.takes_whole_company):
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
                {"href": reverse(f"customer:{name}"), "label": label, "is_current": name == self.section}
                for name, label, capability, whole in SECTIONS
                if _opens(self.membership, capability, whole_company=whole)
            ],
        }
        return render(self.request, f"shop/company/{template}.html", {**frame, **context}, status=status)


def _opens(membership: Membership, capability: Wanted, *, whole_company: bool) -> bool:
    if capability is None:
        return True
    target = Target(membership.company_id) if whole_company else None
    wanted = capability if isinstance(capability, tuple) else (capability,)
    return any(can(membership, word, target) for word in wanted)
