"""What finance asks and enters about invoices and money."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.billing.ageing import Age
from shop.billing.models import Invoice
from shop.segments.desk.forms import CompanyField

CENT = Decimal("0.01")


def _day(label: Any, **values: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **values)


class InvoiceFilter(forms.Form):
    """Which invoices to show."""

    q = forms.CharField(label=_("Number or company"), max_length=100, required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *Invoice.State.choices])
    age = forms.ChoiceField(label=_("Overdue"), required=False, choices=[("", _("Any")), *Age.choices])


class PaperFilter(forms.Form):
    q = forms.CharField(label=_("Number or company"), max_length=100, required=False)


class ReceiptFilter(forms.Form):
    q = forms.CharField(label=_("Reference or company"), max_length=100, required=False)
    waiting = forms.BooleanField(label=_("Only what waits for an invoice"), required=False)


class MoneyForm(forms.Form):
    """Money that came or went on a day. The key makes the same form sent twice book once."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    amount = forms.DecimalField(label=_("Amount"), min_value=CENT, max_digits=12, decimal_places=2)
    reference = forms.CharField(label=_("Payment reference"), max_length=120, required=False)
    day = _day(_("Day"), initial=timezone.localdate)

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come. Choose the day on which the money moved."))
        return day

    def moment(self, now: datetime) -> datetime:
        """Return when it happened: now, for today; else noon of its day."""
        day = self.cleaned_data["day"]
        return now if day == timezone.localdate(now) else timezone.make_aware(datetime.combine(day, time(12)))


class ReceiptForm(MoneyForm):
    """A transfer as the bank shows it."""

    field_order = ("amount", "currency", "reference", "company", "day")
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, initial=settings.OSCAR_DEFAULT_CURRENCY)
    company = CompanyField(
        label=_("Company"),
        max_length=200,
        required=False,
        help_text=_("Its name or VAT id; empty when it is not known."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reference"].help_text = _("As the payer wrote it. Invoices that it names are paid, oldest first.")

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class BookForm(forms.Form):
    """The invoice that a waiting transfer pays."""

    number = forms.CharField(label=_("Invoice"), max_length=40)

    def clean_number(self) -> Invoice:
        found = Invoice.objects.filter(number__iexact=self.cleaned_data["number"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is no invoice with this number. Look it up in the list."))
        if found.state != Invoice.State.OPEN or found.amount_due <= 0:
            raise forms.ValidationError(_("Nothing is left to pay of this invoice. Choose an open one."))
        return found


class PeriodForm(forms.Form):
    """From the first to the last day, both in it."""

    first = _day(_("From"))
    last = _day(_("To"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The period ends before it begins. Choose a later day."))
        return cleaned
