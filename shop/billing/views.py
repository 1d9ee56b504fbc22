"""Invoices in the Wagtail admin."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import ListView, View

from shop.billing.models import Invoice
from shop.billing.services import invoices


class InvoiceListView(PermissionRequiredMixin, ListView):
    """Invoices by state, oldest due first when open."""

    permission_required = "shop_billing.view_invoice"
    raise_exception = True
    template_name = "shop/billing/invoice_list.html"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[Invoice]:
        self.state = self.request.GET.get("state", Invoice.State.OPEN)
        if self.state not in Invoice.State.values:
            self.state = Invoice.State.OPEN
        self.query = self.request.GET.get("q", "").strip()[:100].replace("\x00", "")
        rows = Invoice.objects.filter(state=self.state).select_related("order__purchase__company")
        if self.query:
            rows = rows.filter(number__icontains=self.query) | rows.filter(
                order__purchase__company__name__icontains=self.query
            )
        return rows.order_by("due_on" if self.state == Invoice.State.OPEN else "-issued_at", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "states": Invoice.State.choices,
            "state": self.state,
            "query": self.query,
            "today": timezone.localdate(),
            "may_mark": self.request.user.has_perm("shop_billing.mark_invoice_paid"),
        }


class MarkPaidView(PermissionRequiredMixin, View):
    """Mark one invoice as paid; commission accrues with it."""

    permission_required = ("shop_billing.view_invoice", "shop_billing.mark_invoice_paid")
    raise_exception = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invoice = get_object_or_404(Invoice, pk=pk)
        reference = request.POST.get("reference", "").strip()[:120]
        try:
            fresh = invoices.mark_paid(invoice_id=invoice.pk, at=timezone.now(), reference=reference, by=request.user)
        except invoices.InvoiceCancelledError:
            messages.error(request, _("Invoice %s was cancelled. There is nothing left to pay.") % invoice.number)
        else:
            text = _("Invoice %s is marked as paid.") if fresh else _("Invoice %s was paid already.")
            messages.success(request, text % invoice.number)
        return redirect("invoices")
