"""Companies in the Wagtail admin: by status, and blocking. Who applies stands in the registrations."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import ListView, View

from shop.companies.models import Company
from shop.companies.services import set_status

Status = Company.Status
# What a person may do, by status: (new status, needs a reason).
STEPS: dict[str, tuple[tuple[str, bool], ...]] = {
    Status.PENDING: (),  # who waits or was rejected is decided on as a registration
    Status.APPROVED: ((Status.BLOCKED, True),),
    Status.BLOCKED: ((Status.APPROVED, False),),
    Status.REJECTED: (),
}


class CompanyListView(PermissionRequiredMixin, ListView):
    """Companies by status."""

    permission_required = "shop_companies.view_company"
    raise_exception = True
    template_name = "shop/companies/company_list.html"
    paginate_by = 50
    page_kwarg = "p"

    def get_queryset(self) -> QuerySet[Company]:
        self.status = self.request.GET.get("status", Status.APPROVED)
        if self.status not in Status.values:
            self.status = Status.APPROVED
        self.query = self.request.GET.get("q", "").replace("\x00", "").strip()[:100]
        rows = Company.objects.filter(status=self.status).prefetch_related("memberships__user", "memberships__role")
        if self.query:
            rows = rows.filter(Q(name__icontains=self.query) | Q(vat_id__icontains=self.query))
        return rows.order_by("name", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = context["page_obj"]
        return {
            **context,
            "elided_page_range": page.paginator.get_elided_page_range(page.number),
            "statuses": Status.choices,
            "status": self.status,
            "query": self.query,
            "steps": [(to, Status(to).label, reason) for to, reason in STEPS[self.status]],
            "may_act": self.request.user.has_perm("shop_companies.change_company"),
        }


class CompanyStatusView(PermissionRequiredMixin, View):
    """Move one company to another status; people keep their login and their basket."""

    permission_required = ("shop_companies.view_company", "shop_companies.change_company")
    raise_exception = True
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
