"""The orders of the user's companies, by public reference: Oscar's are by number, which can be guessed."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import ngettext
from oscar.apps.customer import views

from channels import api
from shop.buying import selectors
from shop.fulfilment import selectors as shipped
from shop.offering.configuration import options_of
from shop.offering.errors import NotOffered, QuantityRefused
from shop.offering.selectors import answers_of
from shop.returns import selectors as returns
from shop.tax import selectors as tax


class OrderAgain:
    """Ordering again puts in what is offered today, in the quantities of today; whatever is not says why."""

    def do_reorder(self, again):
        basket, lines = self.request.basket, getattr(again, "lines", None)
        lines = list(lines.all()) if lines else [again]
        refused = [reason for line in lines if (reason := self.add_again(line))]
        for text in [*refused, *basket.quantity_notes]:
            messages.warning(self.request, text)
        if len(refused) == len(lines):
            self.response = redirect("customer:order", self.kwargs["order_number"])
            return
        count = len(lines) - len(refused)
        text = ngettext("%(count)d line is in your basket.", "%(count)d lines are in your basket.", count)
        messages.success(self.request, text % {"count": count})
        self.response = redirect("basket:summary")

    def add_again(self, line):
        """Add the line as it was bought; return why it cannot be, '' when it is in the basket."""
        basket = self.request.basket
        is_available, reason = line.is_available_to_reorder(basket, self.request.strategy)
        if not is_available:
            return str(reason)
        try:
            basket.add_product(line.product, line.quantity, options_of(answers_of(line)))
        except (NotOffered, QuantityRefused) as refusal:
            return f"“{line.title}”: {refusal}"
        return ""


class OrderHistoryView(views.OrderHistoryView):
    """The orders of the user's companies."""

    def get(self, request, *args, **kwargs):
        number = request.GET.get("order_number", "").strip()
        if number and not (request.GET.get("date_from") or request.GET.get("date_to")):
            order = selectors.orders_visible_to(request.membership).filter(number__iexact=number).first()
            if order:
                return redirect("customer:order", order_number=order.purchase.public_ref)
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        mine = selectors.orders_visible_to(self.request.membership).select_related("purchase", "user")
        if self.form.is_bound and self.form.is_valid():
            mine = mine.filter(**self.form.get_filters())
        return mine.order_by("-date_placed", "-pk")


class OrderDetailView(OrderAgain, views.OrderDetailView):
    """One order by its public reference; anybody else's answers 404."""

    def get_object(self, queryset=None):
        visible = selectors.orders_visible_to(self.request.membership).select_related(
            "purchase__company", "user", "requested_delivery", "tax", "invoice"
        )
        return get_object_or_404(visible, purchase__public_ref=self.kwargs["order_number"])

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "purchase": self.object.purchase,
            "order_channel": api.order_channel(number=self.object.number),
            **shipped.of_order(self.object),
            "tax_rows": tax.summary_of(self.object),
            "returns": self.object.returns.all(),
            "may_return": returns.may_return(self.request.membership, self.object),
        }


class OrderLineView(OrderAgain, views.OrderLineView):
    """Order a line again, by POST; Oscar has no page to show for a GET."""

    http_method_names = ("post", "options")

    def get(self, request, *args, **kwargs):
        """Where Oscar ends a POST without an action that it knows."""
        self.get_object()
        return redirect("customer:order", order_number=kwargs["order_number"])

    def get_object(self, queryset=None):
        visible = selectors.orders_visible_to(self.request.membership)
        order = get_object_or_404(visible, purchase__public_ref=self.kwargs["order_number"])
        return get_object_or_404(order.lines, pk=self.kwargs["line_id"])
