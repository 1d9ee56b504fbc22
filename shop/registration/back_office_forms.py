"""Forms of the staff's queue."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from oscar.apps.address.models import Country

from shop.companies.models import Company
from shop.companies.terms_desk import offer_sales_reps
from shop.pricing.models import PriceList
from shop.registration.models import Application, VatCheck
from shop.registration.selectors import Row
from shop.registration.services.applications import Terms
from shop.segments.models import CustomerGroup

State = Application.State
QUEUED = [(state.value, state.label) for state in State if state != State.UNCONFIRMED]


class FilterForm(forms.Form):
    """What the queue shows; a wrong value filters nothing."""

    q = forms.CharField(label=_("Name or VAT id"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[*QUEUED, ("all", _("All"))])
    country = forms.ModelChoiceField(
        label=_("Country"), required=False, queryset=Country.objects.none(), empty_label=_("All")
    )
    vat = forms.ChoiceField(label=_("VAT check"), required=False, choices=[("", _("All")), *VatCheck.Result.choices])
    duplicates = forms.BooleanField(label=_("Only with duplicates"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country: Any = self.fields["country"]
        country.queryset = Country.objects.filter(is_shipping_country=True)

    def filters(self) -> dict[str, Any]:
        """Return the arguments of `selectors.queue`: what waits for us, unless another state is asked for."""
        data = self.cleaned_data if self.is_valid() else {}
        state = data.get("state") or State.WAITING
        return {
            "state": "" if state == "all" else state,
            "country": data["country"].pk if data.get("country") else "",
            "result": data.get("vat", ""),
            "only_duplicates": data.get("duplicates", False),
            "query": data.get("q", ""),
        }


class ApproveForm(forms.Form):
    """The terms of an approval."""

    payment_terms_days = forms.IntegerField(label=_("Payment terms (days)"), min_value=0, max_value=365, initial=30)
    payment_methods = forms.MultipleChoiceField(
        label=_("Payment methods"),
        choices=Company.PaymentMethod.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all."),
    )
    credit_limit = forms.DecimalField(
        label=_("Credit limit"),
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text=_("Empty: none agreed."),
    )
    credit_currency = forms.CharField(
        label=_("Currency of the credit limit"),
        required=False,
        min_length=3,
        max_length=3,
        initial=settings.OSCAR_DEFAULT_CURRENCY,
        validators=[RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters, such as EUR."))],
    )
    price_list = forms.ModelChoiceField(
        label=_("Price list"), required=False, queryset=PriceList.objects.all(), empty_label=_("None")
    )
    group = forms.ModelChoiceField(
        label=_("Customer group"), required=False, queryset=CustomerGroup.objects.all(), empty_label=_("None")
    )
    sales_rep = forms.ModelChoiceField(
        label=_("Sales rep"), required=False, queryset=get_user_model().objects.none(), empty_label=_("None")
    )
    po_required = forms.BooleanField(label=_("Purchase order number required"), required=False)
    credits_introduction = forms.BooleanField(label=_("Credit the introduction"), required=False)

    def __init__(self, *args: Any, row: Row, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sales_reps(self.fields["sales_rep"])
        name = row.application.introducer_name
        if not name:
            del self.fields["credits_introduction"]
            return
        credit = self.fields["credits_introduction"]
        credit.label = _("Record that %(partner)s introduced the company") % {"partner": name}
        credit.initial = not row.is_contested

    def terms(self) -> Terms:
        data = self.cleaned_data
        return Terms(
            payment_terms_days=data["payment_terms_days"],
            payment_methods=tuple(data["payment_methods"]),
            po_required=data["po_required"],
            group_id=data["group"].pk if data["group"] else None,
            price_list_id=data["price_list"].pk if data["price_list"] else None,
            sales_rep_id=data["sales_rep"].pk if data["sales_rep"] else None,
            credit_limit=data["credit_limit"],
            credit_currency=data["credit_currency"] or settings.OSCAR_DEFAULT_CURRENCY,
            credits_introduction=data.get("credits_introduction", False),
        )


class RejectForm(forms.Form):
    text = forms.CharField(
        label=_("Reason; the applicant reads it"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )

    def __init__(self, *args: Any, row: Row, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class AskForm(RejectForm):
    text = forms.CharField(
        label=_("Question; the applicant reads it and may send a document"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
