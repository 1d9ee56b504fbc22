"""Registration of a company and its first user."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from oscar.apps.address.models import Country
from oscar.apps.customer.utils import normalise_email

from channels import api
from channels.contracts import CodeStatus

VAT_ID = re.compile(r"[A-Z]{0,3}[0-9A-Z+*]{5,14}")
CODE_TEXTS = {
    CodeStatus.UNKNOWN: _("We do not know this code. Leave the field empty to go on without it."),
    CodeStatus.EXPIRED: _("This code has expired. Leave the field empty to go on without it."),
    CodeStatus.SUSPENDED: _("This code is not in use at the moment. Leave the field empty to go on without it."),
}


class CompanyRegistrationForm(forms.Form):
    """Never says whether an e-mail address is known: that is told by mail, to whoever reads it."""

    company_name = forms.CharField(label=_("Company name"), max_length=200)
    country = forms.ModelChoiceField(
        label=_("Country"), queryset=Country.objects.none(), empty_label=_("Choose a country")
    )
    vat_id = forms.CharField(
        label=_("VAT id"),
        max_length=32,
        required=False,
        help_text=_("With the country's letters, for example NO 987 654 321 MVA or DE 123456789."),
    )
    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    email = forms.EmailField(label=_("Business e-mail"), max_length=254)
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, and not a common one."),
    )
    password2 = forms.CharField(
        label=_("Password again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    introduced_by = forms.CharField(
        label=_("Who introduced you?"),
        max_length=40,
        required=False,
        help_text=_("The code of the partner who told you about us, if somebody did."),
    )
    redirect_url = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, host: str | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.host = host
        country: Any = self.fields["country"]
        country.queryset = Country.objects.filter(is_shipping_country=True)

    def clean_vat_id(self) -> str:
        vat_id = re.sub(r"[\s.\-/]", "", self.cleaned_data["vat_id"]).upper()
        if vat_id and not VAT_ID.fullmatch(vat_id):
            raise forms.ValidationError(_("This does not look like a VAT id. Leave it empty if you have none."))
        return vat_id

    def clean_email(self) -> str:
        return normalise_email(self.cleaned_data["email"])

    def clean_introduced_by(self) -> str:
        code = self.cleaned_data["introduced_by"].strip()
        if not code:
            return ""
        status = api.resolve_code(code=code, at=timezone.now()).status
        if status != CodeStatus.OK:
            raise forms.ValidationError(CODE_TEXTS[status])
        return code

    def clean_redirect_url(self) -> str:
        url = self.cleaned_data["redirect_url"].strip()
        return url if url_has_allowed_host_and_scheme(url, self.host) else settings.LOGIN_REDIRECT_URL

    def clean(self) -> dict:
        data = super().clean() or {}
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ."))
        elif first:
            person = get_user_model()(
                email=data.get("email", ""), first_name=data.get("first_name", ""), last_name=data.get("last_name", "")
            )
            try:
                validate_password(first, person)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return data
