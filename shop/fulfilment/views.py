"""The delivery of an order, recorded in the staff dashboard."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from shop.forks.order.models import Order
from shop.fulfilment import deliveries
from shop.fulfilment.forms import DeliveryForm


class DeliveredView(View):
    """Record the day on which everything of an order was delivered."""

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        order = get_object_or_404(Order, number=number)
        form = DeliveryForm(request.POST, order=order, now=timezone.now())
        if not form.is_valid():
            messages.error(request, " ".join(str(message) for errors in form.errors.values() for message in errors))
        elif deliveries.deliver(
            order_id=order.pk, at=form.cleaned_data["at"], now=form.now, by=cast("User", request.user)
        ):
            messages.success(request, _("Delivery recorded. Commissions are held until its return window ends."))
        else:
            messages.success(request, _("Everything was delivered already."))
        return redirect("dashboard:order-detail", number=number)
