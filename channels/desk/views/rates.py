"""Exchange rates: those on record, one typed in, or a central bank's file."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from channels.commissions.models import ExchangeRate
from channels.commissions.selectors.rates import rates
from channels.commissions.services import rates as services
from channels.core.money import currency_exponent
from channels.desk.forms import DayInput
from channels.desk.pages import DeskForm, DeskList

LARGEST_FILE = 2_000_000


class RateFilter(forms.Form):
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3)
    on = forms.DateField(label=_("Day"), required=False, widget=DayInput)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


def _code(value: str) -> None:
    try:
        currency_exponent(value.upper())
    except ValueError as error:
        raise forms.ValidationError(_("Three letters, such as EUR.")) from error


class RateForm(forms.Form):
    """One rate; or a file, which wins."""

    on = forms.DateField(label=_("Day"), widget=DayInput, required=False)
    base = forms.CharField(label=_("One"), max_length=3, initial="EUR", validators=[_code])
    quote = forms.CharField(label=_("is worth, in"), max_length=3, required=False, validators=[_code])
    rate = forms.DecimalField(label=_("Rate"), required=False, min_value=0, max_digits=20, decimal_places=10)
    file = forms.FileField(
        label=_("Or a CSV file"),
        required=False,
        help_text=_("Columns date, base, quote, rate; or a central bank's table: Date, then one column per currency."),
    )
    source = forms.CharField(label=_("Source"), max_length=120, help_text=_("For example: European Central Bank."))
    correct = forms.BooleanField(
        label=_("Correct rates that are on record already"),
        required=False,
        help_text=_("What was converted with the old rate stays as it is."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        base = str(data["base"]).upper()
        if data.get("file"):
            data["rows"] = self._read(data["file"], base)
        elif data.get("on") and data.get("quote") and data.get("rate"):
            try:
                row = services.RateRow(on=data["on"], base=base, quote=str(data["quote"]).upper(), rate=data["rate"])
            except ValueError as error:
                raise forms.ValidationError(_("This is not an exchange rate.")) from error
            data["rows"] = [row]
        else:
            raise forms.ValidationError(_("Give a day, a currency and its rate, or a file."))
        return data

    def _read(self, file: Any, base: str) -> list[services.RateRow]:
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        try:
            return services.read_csv(file.read().decode("utf-8-sig"), base=base)
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The file is not UTF-8 text.")) from error
        except services.RatesRefused as refused:
            raise forms.ValidationError(list(refused.problems[:20])) from refused


class RateList(DeskList):
    permission = "channels_commissions.view_exchangerate"
    act_permission = "channels_commissions.add_exchangerate"
    page_title = _("Exchange rates")
    template_name = "channels/desk/rate_list.html"
    filter_form = RateFilter
    paginate_by = 100

    def rows(self, wanted: dict[str, Any]) -> QuerySet[ExchangeRate]:
        return rates(**wanted)


class RateAdd(DeskForm):
    permission = "channels_commissions.add_exchangerate"
    form_class = RateForm
    page_title = _("Record exchange rates")
    trail = (("desk_rates", _("Exchange rates")),)
    refusals = (services.RatesRefused,)
    success_message = _("The rates are on record.")

    def act(self, data: dict[str, Any], now: datetime) -> None:
        services.record_rates(
            rows=data["rows"], source=data["source"], at=now, by=self.request.user, correct=data["correct"]
        )

    def get_success_url(self) -> str:
        return reverse("desk_rates")
