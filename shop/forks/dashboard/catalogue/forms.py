"""A stock record's purchase cost is entered beside its price, and kept with its date in a side table."""

from datetime import UTC, datetime, time

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oscar.apps.dashboard.catalogue import forms as oscar_forms
from oscar.apps.dashboard.catalogue.forms import *

from shop.purchasing.selectors import costs_at
from shop.purchasing.services import enter_cost


class StockRecordForm(oscar_forms.StockRecordForm):
    cost = forms.DecimalField(label=_("Purchase cost"), required=False, min_value=0, max_digits=12, decimal_places=2)
    cost_from = forms.DateField(
        label=_("Valid from"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.now = timezone.now()
        record = self.instance
        if record.pk:
            self.initial["cost"] = costs_at([record.pk], currency=record.price_currency, at=self.now).get(record.pk)

    def clean_cost_from(self):
        wanted = self.cleaned_data["cost_from"]
        if wanted and wanted < self.now.date():
            raise forms.ValidationError(
                _("Choose today or a later day: orders that were placed keep the cost of their day.")
            )
        return wanted

    def save(self, commit=True):
        record = super().save(commit)
        if commit and {"cost", "cost_from"} & set(self.changed_data):
            enter_cost(
                stockrecord_id=record.pk,
                amount=self.cleaned_data["cost"],
                currency=record.price_currency,
                valid_from=self.valid_from(),
                at=self.now,
                by=self.user,
            )
        return record

    def valid_from(self):
        day = self.cleaned_data["cost_from"]
        return max(self.now, datetime.combine(day, time(), tzinfo=UTC)) if day else self.now
