"""Accounts: safe redirects, and changes by POST alone."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout as auth_logout
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import generic
from oscar.apps.address.models import UserAddress
from oscar.apps.customer import views
from oscar.apps.customer.mixins import PageTitleMixin

from shop.accounts.forms import KnownPasswordForm, LoginForm, NewPasswordForm
from shop.accounts.selectors import is_due
from shop.accounts.services import email_changes
from shop.buying import selectors
from shop.companies.selectors import standing_reason
from shop.companies.services import people

from .forms import ProfileForm
from .order_views import OrderDetailView, OrderHistoryView, OrderLineView
from .redirects import safe_next

RECENT_ORDERS = 5


class AccountAuthView(views.AccountAuthView):
    """Sign in; registration has its own page."""

    login_form_class = LoginForm

    def get(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            return redirect(safe_next(request, default=reverse("customer:summary")))
        return super().get(request, *args, **kwargs)

    def get_registration_form(self, bind_data=False):
        return None

    def validate_registration_form(self):
        return redirect("customer:register")

    def validate_login_form(self):
        response = super().validate_login_form()
        if self.request.user.is_authenticated:
            # Merge the cookie's basket now, in this POST, so that no later GET has to write.
            self.request._basket_cache = None
            self.request.basket.pk  # noqa: B018
        elif response.context_data["login_form"].is_blocked:
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
        return response

    def get_login_success_message(self, form):
        return "" if is_due(self.request) else super().get_login_success_message(form)

    def get_login_success_url(self, form):
        default = super().get_login_success_url(form)
        return safe_next(self.request, default=default, url=form.cleaned_data.get("redirect_url") or "")


class LogoutView(generic.View):
    """Sign out by POST; a GET, which anyone can make a browser send, only asks."""

    def get(self, request):
        return render(request, "oscar/customer/logout.html")

    def post(self, request):
        auth_logout(request)
        response = redirect("/")
        for cookie in settings.OSCAR_COOKIES_DELETE_ON_LOGOUT:
            response.delete_cookie(cookie)
        return response


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
