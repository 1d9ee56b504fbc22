"""The company at a glance, and for which company one acts."""

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from shop.companies import selectors, switching
from shop.companies.pages.base import CompanyPage
from shop.companies.services import act_for, on_behalf, spending


class OverviewPage(CompanyPage):
    """What the person may do for the company now, and why not more."""

    def get(self, request: HttpRequest) -> HttpResponse:
        membership = self.membership
        return self.page(
            "overview",
            self.company.name,
            standing=selectors.standing_of(membership),
            reason=selectors.standing_reason(membership),
            left_to_spend=spending.left_to_spend(membership=membership, now=timezone.now()),
        )


class SwitchView(LoginRequiredMixin, View):
    """Act for another of one's companies from here on."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        membership = get_object_or_404(selectors.memberships_of(request.user), pk=pk)
        on_behalf.stop_all(actor=request.user, at=timezone.now())
        act_for(user=request.user, company=membership.company)
        switching.switch(request, membership=membership)
        messages.success(request, _("You act for %(company)s now.") % {"company": membership.company})
        return redirect("customer:summary")


class OnBehalfStopView(LoginRequiredMixin, View):
    """Act in one's own name again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        on_behalf.stop_all(actor=request.user, at=timezone.now())
        switching.leave(request)
        messages.success(request, _("You act in your own name again."))
        return redirect("/")


class OnBehalfStartView(LoginRequiredMixin, View):
    """A partner's person starts to order for a customer that agreed to it. The page lists those customers' buyers."""

    def get(self, request: HttpRequest) -> HttpResponse:
        buyers = on_behalf.buyers_for_partner(user=request.user, at=timezone.now())
        if buyers is None:
            raise Http404
        context = {"buyers": buyers, "page_title": _("Order for a customer"), "active_tab": "on-behalf"}
        return render(request, "shop/company/on_behalf.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        buyers = on_behalf.buyers_for_partner(user=request.user, at=now)
        pk = request.POST.get("buyer", "")
        if buyers is None or not pk.isdecimal():
            raise Http404
        membership = get_object_or_404(buyers, pk=pk)
        row = on_behalf.start_as_partner(actor=request.user, membership=membership, at=now)
        switching.switch(request, membership=membership, on_behalf=row)
        return redirect("/")
