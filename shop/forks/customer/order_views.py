"""The orders of the user's companies, by public reference: Oscar's are by number, which can be guessed."""

from django.shortcuts import get_object_or_404, redirect
from oscar.apps.customer import views

from channels import api
from shop.buying import selectors


class OrderHistoryView(views.OrderHistoryView):
    """The orders of the user's companies."""

    def get(self, request, *args, **kwargs):
        number = request.GET.get("order_number", "").strip()
        if number and not (request.GET.get("date_from") or request.GET.get("date_to")):
            order = selectors.orders_visible_to(request.user).filter(number__iexact=number).first()
            if order:
                return redirect("customer:order", order_number=order.purchase.public_ref)
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        mine = selectors.orders_visible_to(self.request.user).select_related("purchase", "user")
        if self.form.is_bound and self.form.is_valid():
            mine = mine.filter(**self.form.get_filters())
        return mine.order_by("-date_placed", "-pk")


class OrderDetailView(views.OrderDetailView):
    """One order by its public reference; anybody else's answers 404."""

    def get_object(self, queryset=None):
        visible = selectors.orders_visible_to(self.request.user).select_related("purchase__company", "user")
        return get_object_or_404(visible, purchase__public_ref=self.kwargs["order_number"])

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "purchase": self.object.purchase,
            "order_channel": api.order_channel(number=self.object.number),
        }


class OrderLineView(views.OrderLineView):
    """Order a line again, by POST; Oscar has no page to show for a GET."""

    http_method_names = ("post", "options")

    def get_object(self, queryset=None):
        visible = selectors.orders_visible_to(self.request.user)
        order = get_object_or_404(visible, purchase__public_ref=self.kwargs["order_number"])
        return get_object_or_404(order.lines, pk=self.kwargs["line_id"])
