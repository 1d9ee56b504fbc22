"""Who is involved in an order, for those who may order for the company."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from oscar.apps.order.models import Order

from shop.buying import selectors
from shop.buying.models import OrderParticipant
from shop.buying.services import participants
from shop.companies.access import Target, can
from shop.companies.capabilities import Capability

WRITTEN_TO = {
    OrderParticipant.Part.PAYER: gettext_lazy("gets the invoice"),
    OrderParticipant.Part.USER: gettext_lazy("is told when the goods leave"),
    OrderParticipant.Part.SPECIFIER: gettext_lazy("is told when the goods leave"),
}


class ParticipantsForm(forms.Form):
    """One person for each part that may be changed; without an e-mail address nobody has it."""

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = {row.part: row for row in order.participants.all()}
        for part in participants.CHANGEABLE:
            row = kept.get(part)
            self.fields[f"{part}_name"] = forms.CharField(
                label=_("%(part)s: name") % {"part": part.label},
                max_length=200,
                required=False,
                initial=row.name if row else "",
            )
            self.fields[f"{part}_email"] = forms.EmailField(
                label=_("%(part)s: e-mail") % {"part": part.label},
                max_length=254,
                required=False,
                initial=row.email if row else "",
                help_text=WRITTEN_TO.get(part, ""),
            )

    def rows(self) -> list[tuple[str, str, str]]:
        data = self.cleaned_data
        return [
            (part, data[f"{part}_name"], data[f"{part}_email"])
            for part in participants.CHANGEABLE
            if data[f"{part}_email"]
        ]


class ParticipantsView(LoginRequiredMixin, View):
    """Read by who sees the order, changed by who may order in its buyer's reach."""

    def order(self, request: HttpRequest, order_number: str) -> Order:
        visible = selectors.orders_visible_to(request.membership)  # type: ignore[attr-defined]
        return get_object_or_404(visible.select_related("purchase"), purchase__public_ref=order_number)

    def may_change(self, request: HttpRequest, order: Order) -> bool:
        target = Target(order.purchase.company_id, order.purchase.location_id, order.user_id)
        return can(request.membership, Capability.ORDER, target)  # type: ignore[attr-defined]

    def get(self, request: HttpRequest, order_number: str) -> HttpResponse:
        order = self.order(request, order_number)
        return self.page(request, order, ParticipantsForm(order=order))

    def post(self, request: HttpRequest, order_number: str) -> HttpResponse:
        order = self.order(request, order_number)
        form = ParticipantsForm(request.POST, order=order)
        if not self.may_change(request, order):
            return self.page(request, order, ParticipantsForm(order=order), status=403)
        if not form.is_valid():
            return self.page(request, order, form, status=422)
        participants.replace(order=order, rows=form.rows())
        messages.success(request, _("Saved."))
        return redirect("customer:order-people", order_number=order_number)

    def page(self, request: HttpRequest, order: Order, form: ParticipantsForm, *, status: int = 200) -> HttpResponse:
        context = {
            "page_title": _("People of order %(number)s") % {"number": order.number},
            "active_tab": "orders",
            "order": order,
            "people": order.participants.all(),
            "form": form if self.may_change(request, order) else None,
        }
        return render(request, "oscar/customer/order/people.html", context, status=status)
