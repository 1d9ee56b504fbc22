"""Accounts: safe redirects, and changes by POST alone."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import generic
from oscar.apps.address.models import UserAddress
from oscar.apps.customer import views
from oscar.apps.customer.mixins import PageTitleMixin

from shop.accounts.forms import KnownPasswordForm, NewPasswordForm
from shop.accounts.services import email_changes
from shop.accounts.views.signing_in import AccountAuthView, LogoutView
from shop.buying import selectors
from shop.companies.selectors import standing_reason
from shop.companies.services import people

from .forms import ProfileForm
from .order_views import OrderDetailView, OrderHistoryView, OrderLineView

RECENT_ORDERS = 5


class AccountSummaryView(PageTitleMixin, generic.TemplateView):
    """Show the latest orders and the default addresses at a glance."""

    template_name = "oscar/customer/summary.html"
    page_title = gettext_lazy("Overview")
    active_tab = "summary"

    def get_context_data(self, **kwargs):
        user = self.request.user
        addresses = UserAddress.objects.filter(user=user).select_related("country")
        orders = (
            selectors.orders_visible_to(self.request.membership)
            .select_related("purchase", "user")
            .order_by("-date_placed", "-pk")
        )
        return super().get_context_data(**kwargs) | {
            "orders": orders[:RECENT_ORDERS],
            "standing_reason": standing_reason(self.request.membership),
            "shipping_address": addresses.filter(is_default_for_shipping=True).first(),
            "billing_address": addresses.filter(is_default_for_billing=True).first(),
        }


class ProfileUpdateView(views.ProfileUpdateView):
    form_class = ProfileForm

    def form_valid(self, form):
        user = form.save()
        if form.new_email:
            email_changes.ask(user=user, new_email=form.new_email, at=timezone.now())
            text = _("We sent a link to %(email)s. Your address changes once you have opened it.")
            messages.info(self.request, text % {"email": form.new_email})
        messages.success(self.request, _("Your profile is saved."))
        return redirect(self.get_success_url())


class ProfileDeleteView(views.ProfileDeleteView):
    form_class = KnownPasswordForm

    def form_valid(self, form):
        """Refuse to leave a company without anybody who manages its people."""
        try:
            people.leave_everywhere(user=self.request.user, at=timezone.now())
        except people.LastAdministratorError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        return super().form_valid(form)


class ChangePasswordView(views.ChangePasswordView):
    form_class = NewPasswordForm


class AddressChangeStatusView(views.AddressChangeStatusView):
    """By POST alone: Oscar's changes the default address on a GET."""

    http_method_names = ("post", "options")

    def post(self, request, *args, **kwargs):
        return views.AddressChangeStatusView.get(self, request, *args, **kwargs)
