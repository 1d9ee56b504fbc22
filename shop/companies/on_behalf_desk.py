"""Where our sales staff start to order for a customer, inside the Wagtail admin."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from shop.companies import switching
from shop.companies.models import Company
from shop.companies.services import on_behalf
from shop.operations.back_office import StaffOnly


class OnBehalfDeskView(StaffOnly, View):
    """Choose the buyer and say why; the shop opens with a banner on each page."""

    permission_required = ("shop_companies.view_company", on_behalf.PERMISSION)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(request, get_object_or_404(Company, pk=pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        company, chosen = get_object_or_404(Company, pk=pk), request.POST.get("buyer", "")
        membership = self.buyers(company).filter(pk=chosen if chosen.isdecimal() else None).first()
        if membership is None:
            return self.page(request, company, error=_("Choose the buyer for whom you order."))
        reason = request.POST.get("reason", "")
        try:
            row = on_behalf.start_as_staff(actor=request.user, membership=membership, reason=reason, at=timezone.now())
        except ValueError as error:
            return self.page(request, company, error=str(error))
        switching.switch(request, membership=membership, on_behalf=row)
        return redirect("/")

    def buyers(self, company: Company) -> Any:
        return on_behalf.buyers_of(Company.objects.filter(pk=company.pk))

    def page(self, request: HttpRequest, company: Company, *, error: str = "") -> HttpResponse:
        context = {"company": company, "buyers": self.buyers(company), "error": error}
        return render(request, "shop/companies/on_behalf.html", context, status=422 if error else 200)
