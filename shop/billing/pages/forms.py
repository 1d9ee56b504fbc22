"""What buyers ask of their invoices: filters, and the period of a statement."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shop.billing.models import Invoice

OVERDUE = "overdue"


class FilterForm(forms.Form):
    """Any wrong value filters nothing."""

    q = forms.CharField(label=_("Number, order or purchase order"), max_length=100, required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), (OVERDUE, _("Overdue")), *Invoice.State.choices],
    )

    def narrow(self, rows: QuerySet[Invoice], *, today: date) -> QuerySet[Invoice]:
        self.is_valid()
        wanted = self.cleaned_data
        if text := wanted.get("q", "").replace("\x00", "").strip():
            rows = rows.filter(
                Q(number__icontains=text) | Q(order__number__iexact=text) | Q(purchase_order_number__icontains=text)
            )
        state = wanted.get("state", "")
        if state == OVERDUE:
            return rows.filter(state=Invoice.State.OPEN, due_on__lt=today)
        return rows.filter(state=state) if state else rows


class PeriodForm(forms.Form):
    """From the first to the last day, both in it, in one currency."""

    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))
    currency = forms.ChoiceField(label=_("Currency"))

    def __init__(self, asked: Any, *, currencies: list[str], today: date) -> None:
        first = (today.replace(day=1) - timedelta(days=62)).replace(day=1)
        usual = {"first": first.isoformat(), "last": today.isoformat(), "currency": currencies[0] if currencies else ""}
        super().__init__({**usual, **{name: asked[name] for name in usual if asked.get(name)}})
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The period ends before it begins. Choose a later day."))
        return cleaned
