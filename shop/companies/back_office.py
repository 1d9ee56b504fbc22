"""Companies in the Wagtail admin: by status, and blocking. Who applies stands in the registrations."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from shop.companies.models import Company
from shop.companies.services import set_status
from shop.operations.back_office import StaffList, StaffOnly

VIEW, CHANGE = "shop_companies.view_company", "shop_companies.change_company"
Status = Company.Status
# What a person may do, by status: (new status, needs a reason).
STEPS: dict[str, tuple[tuple[str, bool], ...]] = {
    Status.PENDING: (),  # who waits or was rejected is decided on as a registration
    Status.APPROVED: ((Status.BLOCKED, True),),
    Status.BLOCKED: ((Status.APPROVED, False),),
    Status.REJECTED: (),
}


class CompanyFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Name or VAT id"), required=False, max_length=100)
    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False, choices=Status.choices)


class CompanyListView(StaffList):
    """Companies by status, the approved ones unless another is asked for."""

    permission_required = VIEW
    act_permission = CHANGE
    page_title = gettext_lazy("Companies")
    header_icon = "user"
    template_name = "shop/companies/company_list.html"
    filter_form = CompanyFilter
    filter_defaults = {"status": Status.APPROVED}

    def rows(self, *, q: str = "", status: str = Status.APPROVED) -> QuerySet[Company]:
        self.status = status
        rows = Company.objects.filter(status=status).prefetch_related("memberships__user", "memberships__role")
        if q:
            rows = rows.filter(Q(name__icontains=q) | Q(vat_id__icontains=q))
        return rows.order_by("name", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        steps = [(to, Status(to).label, reason) for to, reason in STEPS[self.status]]
        return {**super().get_context_data(**kwargs), "steps": steps}


class CompanyStatusView(StaffOnly, View):
    """Move one company to another status; people keep their login and their basket."""

    permission_required = (VIEW, CHANGE)
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = get_object_or_404(Company, pk=pk)
        to, reason = request.POST.get("status", ""), request.POST.get("reason", "").strip()[:255]
        steps = dict(STEPS[company.status])
        if to not in steps:
            messages.error(request, _("%s has been changed in the meantime. Look again.") % company.name)
        elif steps[to] and not reason:
            messages.error(request, _("Write the reason, for whoever looks at %s next.") % company.name)
        else:
            set_status(company=company, status=Status(to), reason=reason)
            messages.success(
                request, _("%(company)s is now: %(status)s.") % {"company": company.name, "status": Status(to).label}
            )
        return redirect("companies")
