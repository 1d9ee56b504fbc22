"""Forms about touchpoints: what people report, what it usually costs, and files of them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels.contracts import Medium, TouchKind
from channels.core.money import currency_exponent, from_minor, to_minor
from channels.desk.forms import DayInput, MomentInput
from channels.journeys.engine.touch_file import MEDIUM_OF_KIND, MOST_BYTES
from channels.journeys.models import CompanyProfile, TouchCost
from channels.journeys.models.labels import MEDIA, TOUCH_KINDS
from channels.partners.models import ChannelPartner

# What a person does; the other kinds are observed.
REPORTED = (
    TouchKind.CALL,
    TouchKind.VISIT,
    TouchKind.DEMO,
    TouchKind.EVENT,
    TouchKind.TRAINING,
    TouchKind.QUOTE,
    TouchKind.INTRODUCTION,
)
LABELS = dict(TOUCH_KINDS)


class CostForm(forms.Form):
    """An amount with its currency; the cleaned `cost_minor` is an integer."""

    cost = forms.DecimalField(label=_("Cost"), min_value=0, max_digits=14, decimal_places=3, required=False)
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False, help_text=_("Three letters: EUR."))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        amount, currency = data.get("cost"), (data.get("currency") or "").upper()
        data["cost_minor"], data["currency"] = None, currency if amount is not None else ""
        if amount is not None and "currency" not in self.errors:
            data["cost_minor"] = self._minor(amount, currency)
        elif currency and "cost" not in self.errors:
            self.add_error("cost", _("Write the cost, or empty the currency."))
        return data

    def _minor(self, amount: Decimal, currency: str) -> int | None:
        try:
            decimals = currency_exponent(currency)
        except ValueError:
            self.add_error("currency", _("Write the currency's three letters, like EUR."))
            return None
        if amount != round(amount, decimals):
            self.add_error("cost", _now("%(currency)s has %(n)d decimals.") % {"currency": currency, "n": decimals})
            return None
        return to_minor(amount, currency)


class TouchpointForm(CostForm):
    """A call, visit, demo or event that somebody reports."""

    kind = forms.ChoiceField(label=_("What happened"), choices=[(kind.value, LABELS[kind.value]) for kind in REPORTED])
    medium = forms.ChoiceField(
        label=_("Through"), choices=[("", _("As usual for it")), *MEDIA], required=False,
        help_text=_("Inside sales is the call centre; whoever travels is field sales."),
    )  # fmt: skip
    company = forms.ModelChoiceField(CompanyProfile.objects.all(), label=_("Company"))
    partner = forms.ModelChoiceField(
        ChannelPartner.objects.filter(status=ChannelPartner.Status.ACTIVE),
        label=_("Channel partner"),
        required=False,
        help_text=_("Leave empty when our own staff did it: it then counts as direct."),
    )
    at = forms.DateTimeField(label=_("When (UTC)"), widget=MomentInput, initial=timezone.now)
    campaign = forms.CharField(label=_("Campaign or event"), max_length=60, required=False)
    note = forms.CharField(label=_("Note"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    token = forms.CharField(widget=forms.HiddenInput, max_length=60)  # a double click records once
    field_order = ("kind", "medium", "company", "partner", "at", "campaign", "cost", "currency", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cost"].help_text = _("Empty: the table of costs estimates what our own staff's touches cost.")

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        if at > timezone.now():
            raise forms.ValidationError(_("A touchpoint cannot lie in the future."))
        return at

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if kind := data.get("kind"):
            data["medium"] = Medium(data.get("medium") or MEDIUM_OF_KIND[TouchKind(kind)])
        return data


class TouchCostForm(CostForm):
    """What one touch of a kind usually costs, from a day on."""

    kind = forms.ChoiceField(label=_("Kind"), choices=TOUCH_KINDS)
    medium = forms.ChoiceField(
        label=_("Through"), choices=[("", pgettext_lazy("medium", "Every medium")), *MEDIA], required=False
    )
    valid_from = forms.DateField(label=_("From"), widget=DayInput, initial=timezone.localdate)
    valid_to = forms.DateField(
        label=_("Until"), widget=DayInput, required=False, help_text=_("The first day on which it no longer holds.")
    )
    note = forms.CharField(label=_("Where the figure comes from"), max_length=255)
    field_order = ("kind", "medium", "cost", "currency", "valid_from", "valid_to", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cost"].required = self.fields["currency"].required = True

    @staticmethod
    def initial_of(row: TouchCost) -> dict[str, Any]:
        names = ("kind", "medium", "currency", "valid_from", "valid_to", "note")
        return {"cost": from_minor(row.cost_minor, row.currency), **{name: getattr(row, name) for name in names}}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        starts, ends = data.get("valid_from"), data.get("valid_to")
        if starts and ends and ends <= starts:
            self.add_error("valid_to", _("The end comes after the start."))
        return data


class UploadForm(forms.Form):
    """A file of touchpoints."""

    file = forms.FileField(label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _now("The file is larger than %d MB. Split it into several files.") % (MOST_BYTES // 1_000_000)
            )
        return file
