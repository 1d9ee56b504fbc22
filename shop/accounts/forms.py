"""Signing in, asking for the password once more, and the codes of a second factor."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oscar.apps.customer.forms import ConfirmPasswordForm, EmailAuthenticationForm

from channels import api
from shop.accounts import throttling
from shop.accounts.services import second_factor

TOO_MANY_LOGINS = _("Too many tries. Wait a quarter of an hour, or choose a new password by mail.")
TOO_MANY_PASSWORDS = _("Too many wrong passwords. Nothing was changed. Wait a quarter of an hour, then try again.")
TOO_MANY_CODES = _("Too many wrong codes. Wait a quarter of an hour, then try again.")


def check_password(user: Any, password: str, *, wrong: Any) -> None:
    """Raise ValidationError with the text `wrong` unless this is the user's password; tries are counted."""
    try:
        is_right = api.is_password_of(user, password)
    except api.TooManyTries as error:
        raise forms.ValidationError(TOO_MANY_PASSWORDS, code="blocked") from error
    if not is_right:
        raise forms.ValidationError(wrong, code="password_incorrect")


class LoginForm(EmailAuthenticationForm):
    """Counts the try before it looks, and answers alike for addresses that have an account and that have none."""

    is_blocked = False

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password:
            try:
                throttling.count_login(self.request, email)
            except api.TooManyTries as error:
                self.is_blocked = True
                raise forms.ValidationError(TOO_MANY_LOGINS, code="blocked") from error
        cleaned = super().clean()
        if self.user_cache is not None:
            throttling.forget_login(email)
        return cleaned


class KnownPasswordForm(ConfirmPasswordForm):
    """Asks for the password once more."""

    password = forms.CharField(
        label=_("Current password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        check_password(self.user, password, wrong=_("This is not your password."))
        return password


class NewPasswordForm(PasswordChangeForm):
    """Django's, with counted tries of the old password."""

    def clean_old_password(self) -> str:
        password = self.cleaned_data["old_password"]
        check_password(self.user, password, wrong=self.error_messages["password_incorrect"])
        return password


def code_field(**values: Any) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
    return forms.CharField(max_length=40, widget=forms.TextInput(attrs=attrs), **values)


class SetUpForm(KnownPasswordForm):
    """The first code of a new authenticator app, with the password: the app takes the place of an earlier one."""

    code = code_field(label=_("Code from the app"), help_text=_("Six digits, new every half minute."))


class CodeForm(forms.Form):
    """A code of the authenticator app, or a recovery code. `device` is what it belongs to."""

    device = None
    is_blocked = False
    code = code_field(label=_("Code"), help_text=_("From your authenticator app, or one of your recovery codes."))

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            self.device = second_factor.verify(user=self.user, code=code, at=timezone.now())
        except api.TooManyTries as error:
            self.is_blocked = True
            raise forms.ValidationError(TOO_MANY_CODES, code="blocked") from error
        if self.device is None:
            raise forms.ValidationError(
                _("This code is wrong or was used already. Wait for the app's next one, and check the phone's clock.")
            )
        return code


def issuer() -> str:
    """Return what the authenticator app calls us."""
    return settings.OSCAR_SHOP_NAME
