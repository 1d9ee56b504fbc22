"""Shipments and deliveries of an order, in the staff dashboard."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from shop.forks.order.models import Order
from shop.fulfilment import deliveries
from shop.fulfilment.errors import NotShippable
from shop.fulfilment.forms import DeliveryForm, ShipmentForm
from shop.fulfilment.models import Shipment
from shop.fulfilment.services import leaving, shipments


class ShipView(View):
    """Send some of an order, or all that is left of it."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        order = get_object_or_404(Order, number=number)
        return self.page(request, order, ShipmentForm(order=order, initial={"key": uuid4()}))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        order = get_object_or_404(Order, number=number)
        form = ShipmentForm(request.POST, order=order)
        if not form.is_valid():
            return self.page(request, order, form, status=422)
        try:
            shipment = shipments.ship(order_id=order.pk, at=timezone.now(), by=request.user, **form.facts())
        except NotShippable as refusal:
            form.add_error(None, str(refusal))
            return self.page(request, order, form, status=422)
        messages.success(request, _("Shipment %s is on its way.") % shipment)
        return redirect("dashboard:order-detail", number=number)

    def page(self, request: HttpRequest, order: Order, form: ShipmentForm, *, status: int = 200) -> HttpResponse:
        context = {"order": order, "form": form, "why_not": leaving.reason_to_wait(order)}
        return render(request, "oscar/dashboard/orders/ship.html", context, status=status)


class DeliveredView(View):
    """Record the day on which everything of an order was delivered, or one of its shipments."""

    def post(self, request: HttpRequest, number: str, shipment: int | None = None) -> HttpResponse:
        order = get_object_or_404(Order, number=number)
        sent = get_object_or_404(Shipment, order=order, number=shipment) if shipment else None
        form = DeliveryForm(request.POST, first=sent.shipped_at if sent else order.date_placed, now=timezone.now())
        if not form.is_valid():
            messages.error(request, " ".join(str(message) for errors in form.errors.values() for message in errors))
        else:
            self.record(request, order, sent, at=form.cleaned_data["at"], now=form.now)
        return redirect("dashboard:order-detail", number=number)

    def record(self, request: HttpRequest, order: Order, sent: Shipment | None, *, at: datetime, now: datetime) -> None:
        how: dict[str, Any] = {"at": at, "now": now, "by": request.user}
        try:
            if sent:
                is_new = shipments.arrive(shipment_id=sent.pk, **how)
            else:
                is_new = deliveries.deliver(order_id=order.pk, **how)
        except NotShippable as refusal:
            messages.error(request, str(refusal))
            return
        if not is_new:
            messages.success(request, _("Everything was delivered already."))
        elif deliveries.left(order):
            messages.success(request, _("Delivery recorded. The rest of the order is still on its way."))
        else:
            messages.success(request, _("Delivery recorded. Commissions are held until its return window ends."))
