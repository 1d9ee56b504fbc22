"""Forms of the harmony pages."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.core.money import to_minor
from channels.core.periods import Month
from channels.desk.forms import ALL, DayInput, MomentInput, PercentField
from channels.harmony.models import CostRate, GuardCheck, Mode
from channels.journeys.models.labels import CHANNELS
from channels.partners.models import ChannelPartner

CURRENCIES = [(code, code) for code in ("EUR", "NOK", "SEK", "DKK", "GBP", "USD", "CHF", "JPY")]


class PeriodForm(forms.Form):
    """Days [from, until); without any, the three months up to today."""

    since = forms.DateField(label=_("From"), widget=DayInput, required=False)
    until = forms.DateField(label=_("Until (not included)"), widget=DayInput, required=False)

    def period(self) -> tuple[datetime, datetime]:
        """Return the moments asked for; a wrong value is shown as wrong, and the usual period is meant."""
        self.is_valid()
        now = timezone.now()
        data = self.cleaned_data
        start = _midnight(data["since"]) if data.get("since") else Month.of(now).shift(-2).start
        end = _midnight(data["until"]) if data.get("until") else _midnight(now.astimezone(UTC).date()) + timedelta(1)
        return start, max(end, start)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] <= data["since"]:
            self.add_error("until", _("The end comes after the start."))
        return data


class MonthForm(forms.Form):
    """A month, "2026-03"; without any, the one before this."""

    month = forms.RegexField(
        r"^\d{4}-(0[1-9]|1[0-2])$", label=_("Month"), required=False, widget=forms.TextInput(attrs={"type": "month"})
    )

    def chosen(self) -> Month:
        self.is_valid()
        text = self.cleaned_data.get("month")
        return Month.parse(text) if text and text > "0001" else Month.of(timezone.now()).shift(-1)


class UndercutFilter(forms.Form):
    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, choices=[ALL, *GuardCheck.Outcome.choices])
    source = forms.ChoiceField(label=_("What"), required=False, choices=[ALL, *GuardCheck.Source.choices])


class BuyTermFilter(forms.Form):
    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    partner = forms.ModelChoiceField(ChannelPartner.objects.all(), label=_("Channel partner"), required=False)


class OverrideForm(forms.Form):
    """The request: why, and until when."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    expires_at = forms.DateTimeField(label=_("Ends at (UTC)"), widget=MomentInput)


class DecisionForm(forms.Form):
    """The second person's answer."""

    is_approved = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("yes", _("Approve: it may undercut until its end")), ("no", _("Reject"))],
        coerce=lambda value: value == "yes",
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class GuardSettingForm(forms.Form):
    """What happens to an undercut."""

    prices = forms.ChoiceField(label=_("When a price undercuts a partner"), choices=Mode.choices)
    promotions = forms.ChoiceField(
        label=_("When a promotion undercuts a partner"),
        choices=Mode.choices,
        help_text=_("In the basket, what is not blocked is topped up."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=255)


class ValidityForm(forms.Form):
    valid_from = forms.DateTimeField(label=_("Valid from (UTC)"), widget=MomentInput, initial=timezone.now)
    valid_to = forms.DateTimeField(label=_("Valid to (UTC, not included)"), widget=MomentInput, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=255)
    token = forms.CharField(widget=forms.HiddenInput, max_length=64)


class BuyTermForm(ValidityForm):
    """An agreed price of a product, or a discount on list."""

    partner = forms.ModelChoiceField(ChannelPartner.objects.all(), label=_("Channel partner"))
    sku = forms.CharField(
        label=_("SKU"), max_length=64, required=False, help_text=_("Empty: a class, or every product.")
    )
    product_class = forms.SlugField(
        label=_("Product class"), max_length=60, required=False, help_text=_("For example hardware or software.")
    )
    price = forms.DecimalField(label=_("Price of one unit"), min_value=0, max_digits=12, required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES)
    discount = PercentField(label=_("Or discount on list, %"), max_value=100)
    field_order = (
        "partner",
        "sku",
        "product_class",
        "price",
        "currency",
        "discount",
        "valid_from",
        "valid_to",
        "reason",
    )

    def facts(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        price, currency = data.pop("price"), data["currency"]
        data["price_minor"] = None if price is None else to_minor(Decimal(price), currency)
        data["discount_bp"] = data.pop("discount")
        data["partner_id"] = data.pop("partner").pk
        return data


class AdvertisedForm(ValidityForm):
    """A minimum advertised price."""

    sku = forms.CharField(label=_("SKU"), max_length=64)
    price = forms.DecimalField(label=_("Price of one unit"), min_value=0, max_digits=12)
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES)
    field_order = ("sku", "price", "currency", "valid_from", "valid_to", "reason")

    def facts(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        data["price_minor"] = to_minor(Decimal(data.pop("price")), data["currency"])
        return data


class CostRateForm(forms.Form):
    """Payment fees or support per order."""

    kind = forms.ChoiceField(label=_("Kind"), choices=CostRate.Kind.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=[("", _("Both")), *CHANNELS], required=False)
    rate_bp = PercentField(label=_("Share of the order's net, %"), max_value=100, initial=0)
    flat = forms.DecimalField(label=_("And per order"), min_value=0, max_digits=10, initial=0)
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES)
    valid_from = forms.DateTimeField(label=_("Valid from (UTC)"), widget=MomentInput, initial=timezone.now)
    valid_to = forms.DateTimeField(label=_("Valid to (UTC, not included)"), widget=MomentInput, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=255)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("valid_from") and data.get("valid_to") and data["valid_to"] <= data["valid_from"]:
            self.add_error("valid_to", _("The end comes after the start."))
        return data

    def facts(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        data["flat_minor"] = to_minor(Decimal(data.pop("flat")), data["currency"])
        return data


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
