"""What the pages ask."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.billing.desk.forms import PeriodForm
from shop.treasury.dunning import Kind
from shop.treasury.stuck import Halt

LONGEST = timedelta(days=366)


class ReconciliationForm(PeriodForm):
    """A period of at most a year, and a currency; empty for all of them."""

    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, required=False)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last - first > LONGEST:
            self.add_error("last", _("Choose at most a year."))
        return cleaned


class HaltFilter(forms.Form):
    halt = forms.ChoiceField(label=_("Stuck"), required=False, choices=[("", _("Anywhere")), *Halt.choices])


class DunningFilter(forms.Form):
    kind = forms.ChoiceField(label=_("Show"), required=False, choices=[("", _("Everything")), *Kind.choices])


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=255, help_text=_("The buyer reads it in the mail about the refund.")
    )
