"""Orders in the staff dashboard: what may be read is not what may be changed, and money has its own actions."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View
from oscar.apps.dashboard.orders import views
from oscar.apps.dashboard.orders.views import *

from channels import api
from shop.billing.services import invoices
from shop.forks.order.models import Order
from shop.fulfilment import deliveries
from shop.fulfilment import selectors as shipped
from shop.operations.csv_cells import inert
from shop.returns.forms import TakeBackForm
from shop.returns.services import take_backs


class OrderListView(views.OrderListView):
    def post(self, request, *args, **kwargs):
        if request.POST.get("action") == "change_order_statuses":
            require_change(request.user)
        return super().post(request, *args, **kwargs)

    def change_order_status(self, request, order):
        if request.POST["new_status"].strip() in settings.OSCAR_MONEY_STATUSES:
            messages.error(
                request, _("Refund or cancel order %s on its own page, where the amounts are.") % order.number
            )
            return
        super().change_order_status(request, order)

    def get_row_values(self, order):
        return {column: inert(value) for column, value in super().get_row_values(order).items()}


class OrderDetailView(views.OrderDetailView):
    def post(self, request, *args, **kwargs):
        require_change(request.user)
        return super().post(request, *args, **kwargs)

    # Amounts are booked by the invoice and by take-backs alone: Oscar's payment events know no cap and no ledger.
    order_actions = ("save_note", "delete_note", "change_order_status")
    line_actions = ("change_line_statuses", "create_shipping_event")

    def get_order_status_form(self):
        """A take-back moves the order to Refunded or Cancelled; a person picks only among the rest."""
        form = super().get_order_status_form()
        field = form.fields["new_status"]
        field.choices = [choice for choice in field.choices if choice[0] not in settings.OSCAR_MONEY_STATUSES]
        return form

    def get_context_data(self, **kwargs):
        return {
            **super().get_context_data(**kwargs),
            "order_channel": api.order_channel(number=self.object.number),
            "invoice": getattr(self.object, "invoice", None),
            "take_backs": self.object.take_backs.prefetch_related("lines__line"),
            "can_mark_paid": self.request.user.has_perm("shop_billing.mark_invoice_paid"),
            "delivered_at": deliveries.delivered_at(self.object),
            "can_deliver": self.request.user.has_perm("order.change_order"),
            "today": timezone.now().date(),
            **shipped.of_order(self.object),
            "can_take_back": self.request.user.has_perm("shop_returns.take_back_order"),
        }


class MarkPaidView(View):
    """Record that the invoice of an order was paid."""

    def post(self, request, number):
        order = get_object_or_404(Order.objects.select_related("invoice"), number=number, invoice__isnull=False)
        reference = request.POST.get("reference", "").strip()[:120]
        try:
            fresh = invoices.mark_paid(
                invoice_id=order.invoice.pk, at=timezone.now(), reference=reference, by=request.user
            )
        except invoices.InvoiceCancelledError:
            messages.error(request, _("This invoice was cancelled. There is nothing left to pay."))
        else:
            messages.success(request, _("Invoice marked as paid.") if fresh else _("The invoice was paid already."))
        return redirect("dashboard:order-detail", number=number)


class TakeBackView(View):
    """Refund or cancel an order or some of its lines; the page shows what remains of each."""

    template_name = "oscar/dashboard/orders/take_back.html"

    def get(self, request, number):
        order = get_object_or_404(Order, number=number)
        return self.page(request, order, TakeBackForm(order=order, initial={"key": uuid.uuid4().hex}))

    def post(self, request, number):
        order = get_object_or_404(Order, number=number)
        form = TakeBackForm(request.POST, order=order)
        if not form.is_valid():
            return self.page(request, order, form)
        try:
            record = take_backs.take_back(order_id=order.pk, at=timezone.now(), by=request.user, **form.facts())
        except take_backs.TakeBackError as error:
            form.add_error(None, str(error))
            return self.page(request, order, form)
        messages.success(request, _("%(kind)s recorded.") % {"kind": record.get_kind_display()})
        return redirect("dashboard:order-detail", number=number)

    def page(self, request, order, form):
        return render(request, self.template_name, {"order": order, "form": form})


def require_change(user):
    """Raise PermissionDenied unless the user may change orders; Oscar checks only that they may view them."""
    if not user.has_perm("order.change_order"):
        raise PermissionDenied
