"""Forms of the company's pages. Each offers only what belongs to the company, and what the person may give."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _
from oscar.apps.address.models import Country

from shop.companies.access import level_of, roles_given_by
from shop.companies.capabilities import Capability, Level
from shop.companies.models import Company, CostCentre, Location, LocationAddress, Membership


class PlacedForm(forms.ModelForm):
    """The role and the location that somebody gives, within the own reach."""

    def __init__(self, *args: Any, manager: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("role", roles_given_by(manager))
        locations = Location.objects.filter(company=manager.company_id, is_active=True)
        is_local = level_of(manager, Capability.MANAGE_PEOPLE) == Level.LOCATION
        self._choices("location", locations.filter(people=manager) if is_local else locations)
        location: Any = self.fields["location"]
        location.required = is_local
        location.empty_label = _("None")

    def _choices(self, name: str, queryset: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = queryset


class PersonForm(PlacedForm):
    """What a colleague may do, where, and for how much."""

    class Meta:
        model = Membership
        fields = ("role", "location", "spend_limit", "spend_window", "cost_centres")
        widgets = {"cost_centres": forms.CheckboxSelectMultiple}
        help_texts = {
            "location": _("Empty: no location of their own."),
            "spend_limit": _("Net, in EUR. Empty: no limit."),
            "cost_centres": _("None chosen: all of them."),
        }

    def __init__(self, *args: Any, manager: Membership, **kwargs: Any) -> None:
        super().__init__(*args, manager=manager, **kwargs)
        self.fields["spend_limit"].widget.attrs["min"] = 0
        ours = CostCentre.objects.filter(company=manager.company_id, is_active=True)
        self._choices("cost_centres", ours)
        if not ours.exists():
            del self.fields["cost_centres"]

    def clean_spend_limit(self) -> Any:
        limit = self.cleaned_data["spend_limit"]
        if limit is not None and limit < 0:
            raise forms.ValidationError(_("A limit cannot be below zero. Leave it empty for none."))
        return limit


class InvitationForm(PlacedForm):
    class Meta:
        model = Membership
        fields = ("role", "location")

    field_order = ("email", "role", "location")
    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))


class LeaveForm(forms.Form):
    """To whom the orders and lists of somebody who leaves pass."""

    successor = forms.ModelChoiceField(
        label=_("Orders and lists pass to"), queryset=Membership.objects.none(), empty_label=_("Choose a colleague")
    )

    def __init__(self, *args: Any, leaving: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = Membership.objects.filter(company=leaving.company_id, is_active=True).exclude(pk=leaving.pk)
        field: Any = self.fields["successor"]
        field.queryset = colleagues.select_related("user", "role", "company").order_by("user__last_name", "pk")
        field.label_from_instance = lambda member: member.user.get_full_name() or member.user.email
        field.required = colleagues.exists()


class NewAccountForm(forms.Form):
    """Who somebody is that was invited and has no account yet."""

    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, and not a common one."),
    )

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"])
        return str(self.cleaned_data["password"])


class LocationForm(forms.ModelForm):
    """Payment terms and tax profile are agreed with us: the company reads them and does not set them."""

    class Meta:
        model = Location
        fields = ("name", "vat_id", "is_active")
        help_texts = {"is_active": _("Switched off, nobody can order to it.")}

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        if Location.objects.filter(company=self.company, name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("You have a location of this name already."))
        return str(name)


class LocationAddressForm(forms.ModelForm):
    class Meta:
        model = LocationAddress
        fields = ("first_name", "last_name", "line1", "line2", "line4", "postcode", "country", "phone_number", "notes")
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country: Any = self.fields["country"]
        country.queryset = Country.objects.filter(is_shipping_country=True)


class CostCentreForm(forms.ModelForm):
    class Meta:
        model = CostCentre
        fields = ("code", "name", "is_active")

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip()
        if CostCentre.objects.filter(company=self.company, code=code).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("You have this cost centre already."))
        return str(code)


class DetailsForm(forms.ModelForm):
    """What a company may change of itself. Name, VAT id and country are what we checked: those go through us."""

    class Meta:
        model = Company
        fields = ("po_required", "cost_centre_required")
        help_texts = {"cost_centre_required": _("Buyers choose one at checkout.")}
