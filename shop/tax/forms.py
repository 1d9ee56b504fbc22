"""Forms of taxes: a company's certificate, the staff's decision, rates, the seller and its registrations."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from oscar.apps.address.models import Country

from shop.companies.access import level_of
from shop.companies.capabilities import Capability, Level
from shop.companies.models import Location, Membership
from shop.companies.selectors import locations_visible_to
from shop.registration.documents import Document
from shop.registration.forms import DocumentField
from shop.tax.models import ExemptionCertificate, ProductRate, Registration, Seller, TaxRate

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CertificateForm(forms.Form):
    """A certificate for one location, or for the company's whole; the latter from those who manage all of it."""

    location = forms.ModelChoiceField(
        label=_("Location"), queryset=Location.objects.none(), required=False, empty_label=_("All locations")
    )
    country = forms.ModelChoiceField(label=_("Exempt in"), queryset=Country.objects.none(), empty_label=None)
    number = forms.CharField(label=_("Number of the certificate"), max_length=60)
    valid_from = forms.DateField(label=_("Valid from"), widget=DAY)
    valid_to = forms.DateField(label=_("Last day"), widget=DAY)
    document = DocumentField(label=_("Certificate"), help_text=_("PDF, PNG or JPEG up to 5 MB."))

    def __init__(self, *args: Any, manager: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        location: Any = self.fields["location"]
        location.queryset = locations_visible_to(manager).filter(is_active=True)
        if level_of(manager, Capability.MANAGE_LOCATIONS) != Level.COMPANY:
            location.required, location.empty_label = True, None
        country: Any = self.fields["country"]
        country.queryset = Country.objects.filter(is_shipping_country=True)
        country.initial = manager.company.country

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("valid_from"), data.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("The last day lies before the first. Please check both."))
        return data

    def facts(self) -> dict[str, Any]:
        """Return the clean form as arguments of `certificates.upload`."""
        data = {**self.cleaned_data}
        document: Document = data.pop("document")
        return {**data, "country": data["country"].pk, "document": document}


class CertificateFilter(forms.Form):
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), *ExemptionCertificate.State.choices]
    )
    query = forms.CharField(label=_("Company or number"), required=False, max_length=100)


class RefusalForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The company reads it."),
    )  # fmt: skip


class CountryForm(forms.ModelForm):
    """A model with a country of two capital letters."""

    def clean_country(self) -> str:
        code: str = self.cleaned_data["country"].upper()
        if len(code) != 2 or not code.isalpha():
            raise ValidationError(_("A country has two letters, such as NO."))
        return code


class RateForm(CountryForm):
    """A rate in percent, as people write it; kept as a share."""

    percent = forms.DecimalField(label=_("Percent"), min_value=0, max_value=99, max_digits=4, decimal_places=2)

    class Meta:
        model = TaxRate
        fields = ("country", "code", "valid_from", "valid_to")
        widgets = {"valid_from": DAY, "valid_to": DAY}

    field_order = ("country", "code", "percent", "valid_from", "valid_to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["percent"] = (self.instance.rate * 100).normalize()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "percent" in data:
            self.instance.rate = data["percent"] / 100
        return data


class ProductRateForm(forms.ModelForm):
    class Meta:
        model = ProductRate
        fields = ("product_class", "code")


class SellerForm(CountryForm):
    class Meta:
        model = Seller
        fields = ("country", "rounding", "without_vat_id")


class RegistrationForm(CountryForm):
    class Meta:
        model = Registration
        fields = ("country", "number", "valid_from", "valid_to")
        widgets = {"valid_from": DAY, "valid_to": DAY}
