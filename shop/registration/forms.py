"""Forms of applicants, and of those who let them in."""

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
from channels.contracts import CodeStatus, Introducer
from shop.companies.access import roles_given_by
from shop.companies.models import Membership, Role
from shop.registration import documents
from shop.registration.vat import numbers

CODE_TEXTS = {
    CodeStatus.UNKNOWN: _("We do not know this code. Leave the field empty to go on without it."),
    CodeStatus.EXPIRED: _("This code has expired. Leave the field empty to go on without it."),
    CodeStatus.SUSPENDED: _("This code is not in use at the moment. Leave the field empty to go on without it."),
}


class DocumentField(forms.FileField):
    """A PDF, PNG or JPEG; cleans to a `documents.Document`."""

    widget = forms.FileInput(attrs={"accept": documents.ACCEPT})

    def clean(self, data: Any, initial: Any = None) -> documents.Document | None:
        file = super().clean(data, initial)
        return documents.read(file) if file else None


class RegistrationForm(forms.Form):
    """Never says whether an e-mail address is known: that is told by mail, to whoever reads it."""

    company_name = forms.CharField(label=_("Company name"), max_length=200)
    country = forms.ModelChoiceField(
        label=_("Country"), queryset=Country.objects.none(), empty_label=_("Choose a country")
    )
    vat_id = forms.CharField(
        label=_("VAT id"),
        max_length=32,
        required=False,
        help_text=_("For example NO 999 000 118 MVA or DE 999000009. We check it after you register."),
    )
    certificate = DocumentField(
        label=_("Resale certificate"),
        required=False,
        help_text=_("If you resell or are exempt from tax: PDF, PNG or JPEG, up to 5 MB."),
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
    introducer = forms.ChoiceField(label=_("Who introduced you?"), required=False)
    introduced_by = forms.CharField(
        label=_("Or their code"),
        max_length=40,
        required=False,
        help_text=_("From their link, card or mail. A code counts before the list."),
    )
    redirect_url = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, host: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.host = host
        country: Any = self.fields["country"]
        country.queryset = Country.objects.filter(is_shipping_country=True)
        self.partners = {card.code: card.name for card in api.directory()}
        picker: Any = self.fields["introducer"]
        picker.choices = [("", _("Nobody, or not in this list")), *self.partners.items()]

    def clean_email(self) -> str:
        return normalise_email(self.cleaned_data["email"])

    def clean_redirect_url(self) -> str:
        url = self.cleaned_data["redirect_url"].strip()
        return url if url_has_allowed_host_and_scheme(url, self.host) else settings.LOGIN_REDIRECT_URL

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["named"] = self._introducer(data)
        if data.get("country"):
            try:
                data["vat_id"] = numbers.normalise(data.get("vat_id", ""), country=data["country"].pk)
            except forms.ValidationError as error:
                self.add_error("vat_id", error)
        self._check_passwords(data)
        return data

    def _introducer(self, data: dict[str, Any]) -> Introducer | None:
        """Return who introduced them: whom the code belongs to, else whom they picked."""
        code, picked = data.get("introduced_by", "").strip(), data.get("introducer", "")
        if code:
            found = api.resolve_code(code=code, at=timezone.now())
            if found.status == CodeStatus.OK:
                return Introducer(
                    partner_code=found.partner_code, partner_name=found.partner_name, link_code=code.lower()
                )
            self.add_error("introduced_by", CODE_TEXTS[found.status])
        return Introducer(partner_code=picked, partner_name=self.partners[picked]) if picked else None

    def _check_passwords(self, data: dict[str, Any]) -> None:
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


class AnswerForm(forms.Form):
    """What an applicant answers when staff asked."""

    text = forms.CharField(label=_("Your answer"), widget=forms.Textarea(attrs={"rows": 5}), max_length=4000)
    document = DocumentField(label=_("Document"), required=False, help_text=_("PDF, PNG or JPEG, up to 5 MB."))


class JoinForm(forms.Form):
    """In which role somebody is let in."""

    role = forms.ModelChoiceField(queryset=Role.objects.none())

    def __init__(self, *args: Any, manager: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        role.queryset = roles_given_by(manager)
