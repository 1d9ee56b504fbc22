"""The profile: a new e-mail address needs the password, and works only once it is confirmed."""

from django import forms
from django.utils.translation import gettext_lazy as _
from oscar.apps.customer import forms as core
from oscar.apps.customer.utils import normalise_email

from shop.accounts.forms import check_password
from shop.accounts.throttling import may_mail


class ProfileForm(core.UserForm):
    """Says nothing about other people's addresses: a taken one is told by mail to whoever reads it."""

    current_password = forms.CharField(
        label=_("Current password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Only needed to change your e-mail address."),
    )

    def __init__(self, user, *args, **kwargs):
        super().__init__(user, *args, **kwargs)
        self.old_email = user.email
        self.new_email = ""

    def clean_email(self):
        """Keep the old address on the user; the new one waits in `new_email` for its confirmation."""
        email = normalise_email(self.cleaned_data["email"])
        if email.lower() != self.old_email.lower():
            self.new_email = email
        return self.old_email

    def clean(self):
        data = super().clean()
        if self.new_email:
            self.check(data.get("current_password", ""))
        return data

    def check(self, password):
        try:
            check_password(self.user, password, wrong=_("Enter your current password to change your e-mail address."))
        except forms.ValidationError as error:
            self.add_error("current_password", error)
            return
        if not may_mail("email-change", self.old_email):
            self.add_error("email", _("You asked for several new addresses. Wait an hour, then try again."))
