"""The one login, and the way out."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import logout as auth_logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import generic
from oscar.apps.customer import views

from shop.accounts.forms import LoginForm
from shop.accounts.selectors import is_due
from shop.forks.customer.redirects import safe_next


class AccountAuthView(views.AccountAuthView):
    """Sign in; registration has its own page."""

    login_form_class = LoginForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(safe_next(request, default=reverse("customer:summary")))
        return super().get(request, *args, **kwargs)

    def get_registration_form(self, bind_data: bool = False) -> None:
        return None

    def validate_registration_form(self) -> HttpResponse:
        return redirect("customer:register")

    def validate_login_form(self) -> HttpResponse:
        response = super().validate_login_form()
        if self.request.user.is_authenticated:
            # Merge the cookie's basket now, in this POST, so that no later GET has to write.
            self.request._basket_cache = None
            self.request.basket.pk  # noqa: B018
        elif response.context_data["login_form"].is_blocked:
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
        return response

    def get_login_success_message(self, form: LoginForm) -> str:
        return "" if is_due(self.request) else super().get_login_success_message(form)

    def get_login_success_url(self, form: LoginForm) -> str:
        default = super().get_login_success_url(form)
        return safe_next(self.request, default=default, url=form.cleaned_data.get("redirect_url") or "")


class LogoutView(generic.View):
    """Sign out by POST; a GET, which anyone can make a browser send, only asks."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "oscar/customer/logout.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        auth_logout(request)
        response = redirect("/")
        for cookie in settings.OSCAR_COOKIES_DELETE_ON_LOGOUT:
            response.delete_cookie(cookie)
        return response
