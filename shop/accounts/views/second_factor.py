"""The pages of the second factor: what is set up, setting it up, entering it."""

from base64 import b32encode
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import django_otp
import segno
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from shop.accounts import selectors
from shop.accounts.forms import CodeForm, KnownPasswordForm, SetUpForm, issuer
from shop.accounts.models import new_key
from shop.accounts.services import second_factor
from shop.forks.customer.redirects import safe_next

NEW_KEY = "second_factor_key"  # in the session: the secret of an app that is being set up


@method_decorator([never_cache, sensitive_post_parameters("password", "code")], name="dispatch")
class AccountForm(LoginRequiredMixin, FormView):
    """A form about the signed-in user's second factor."""

    active_tab = "profile"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_invalid(self, form: Any) -> HttpResponse:
        is_blocked = form.has_error("code", "blocked") or form.has_error("password", "blocked")
        status = HTTPStatus.TOO_MANY_REQUESTS if is_blocked else HTTPStatus.UNPROCESSABLE_ENTITY
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def show_codes(self, codes: list[str]) -> HttpResponse:
        """Show new recovery codes on the only page that ever holds them."""
        go_on = safe_next(self.request, default=reverse("customer:second-factor"))
        context = {"codes": codes, "go_on": go_on, "page_title": _("Recovery codes"), "active_tab": "profile"}
        return render(self.request, "shop/accounts/recovery_codes.html", context)


class SecondFactorView(AccountForm):
    """What is set up. With the password: new recovery codes, or none of it any more."""

    form_class = KnownPasswordForm
    template_name = "shop/accounts/second_factor.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(**kwargs) | {
            "device": selectors.device_of(user),
            "codes_left": selectors.codes_left(user),
            "is_required": selectors.is_required_of(user),
            "page_title": _("Second factor"),
        }

    def form_valid(self, form: KnownPasswordForm) -> HttpResponse:
        user = self.request.user
        if selectors.device_of(user) is None:
            return redirect("customer:second-factor-set-up")
        if self.request.POST.get("do") == "codes":
            return self.show_codes(second_factor.renew_codes(user=user, at=timezone.now()))
        if selectors.is_required_of(user):
            messages.error(self.request, _("Your role needs a second factor. You can set up another app instead."))
            return redirect("customer:second-factor")
        second_factor.turn_off(user=user)
        self.request.session.pop(selectors.DUE, None)
        messages.success(self.request, _("You sign in with your password alone now."))
        return redirect("customer:second-factor")


class SetUpView(AccountForm):
    """Scan the code, prove it with the app's first code; the secret waits in the session until then."""

    form_class = SetUpForm
    template_name = "shop/accounts/set_up.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        key = self.request.session.setdefault(NEW_KEY, new_key())
        secret = b32encode(bytes.fromhex(key)).decode()
        return super().get_context_data(**kwargs) | {
            "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            "qr": segno.make(self._uri(secret), error="m", micro=False).svg_inline(omitsize=True, border=0),
            "is_required": selectors.is_required_of(self.request.user),
            "is_replacing": selectors.device_of(self.request.user) is not None,
            "page_title": _("Set up a second factor"),
        }

    def form_valid(self, form: SetUpForm) -> HttpResponse:
        key, code = self.request.session.get(NEW_KEY, ""), form.cleaned_data["code"]
        try:
            device, codes = second_factor.set_up(user=self.request.user, key=key, code=code, at=timezone.now())
        except second_factor.WrongCode:
            form.add_error(
                "code", _("The app shows another code. Scan the picture again, and check the phone's clock.")
            )
            return self.form_invalid(form)
        del self.request.session[NEW_KEY]
        _remember(self.request, device)
        return self.show_codes(codes)

    def _uri(self, secret: str) -> str:
        label = quote(f"{issuer()}:{self.request.user.email}")  # type: ignore[union-attr]
        return f"otpauth://totp/{label}?" + urlencode({"secret": secret, "issuer": issuer()}, quote_via=quote)


class EnterView(AccountForm):
    """The code, after the password."""

    form_class = CodeForm
    template_name = "shop/accounts/enter_code.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            device = selectors.device_of(request.user)
            if device is None or selectors.is_shown(request, device):
                return redirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        _remember(self.request, form.device)
        left = selectors.codes_left(self.request.user)
        if left == 0:
            messages.warning(self.request, _("That was your last recovery code. Make new ones under Profile."))
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        return safe_next(self.request, default=reverse("customer:summary"))


def _remember(request: HttpRequest, device: Any) -> None:
    """Let the session in, under a new key: whoever saw the one of before has nothing."""
    request.session.cycle_key()
    request.session[selectors.DUE] = True
    django_otp.login(request, device)
