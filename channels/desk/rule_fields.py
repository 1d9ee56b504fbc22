"""Fields of the rule builder: lists of words, percentages, amounts in several currencies, rows that may stay empty."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from channels.core.money import currency_exponent, from_minor, to_minor


class WordsField(forms.CharField):
    """Words typed with commas between them; their spelling is kept."""

    def clean(self, value: Any) -> list[str]:
        words = re.split(r"[,;\n]+", super().clean(value) or "")
        return list(dict.fromkeys(word.strip() for word in words if word.strip()))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value


class PercentField(forms.DecimalField):
    """A percentage with two decimals; the value is in basis points."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=Decimal(0), max_value=Decimal(100), decimal_places=2, max_digits=5, **kwargs)
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value: Any) -> int | None:
        percent = super().clean(value)
        return None if percent is None else int(percent * 100)

    def prepare_value(self, value: Any) -> Any:
        return Decimal(value).scaleb(-2).normalize().__format__("f") if isinstance(value, int) else value


class AmountsWidget(forms.MultiWidget):
    """One input per currency, each with the currency's code beside it."""

    template_name = "channels/desk/widgets/amounts.html"

    def __init__(self, currencies: Sequence[str], **kwargs: Any) -> None:
        self.currencies = list(currencies)
        inputs: dict[str, forms.Widget | type[forms.Widget]] = {
            name: forms.TextInput(attrs={"inputmode": "decimal", "aria-label": name}) for name in currencies
        }
        super().__init__(inputs, **kwargs)

    def decompress(self, value: Any) -> list[Any]:
        amounts = value if isinstance(value, Mapping) else {}
        return [from_minor(amounts[name], name) if name in amounts else None for name in self.currencies]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for widget, currency in zip(context["widget"]["subwidgets"], self.currencies, strict=True):
            widget["currency"] = currency
        return context

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        """Look where the project's templates are; form renderers look elsewhere."""
        return render_to_string(template_name, context)


class AmountsField(forms.MultiValueField):
    """Amounts by currency, in minor units; a currency left empty is left out."""

    def __init__(self, *, currencies: Sequence[str], **kwargs: Any) -> None:
        self.currencies = list(currencies)
        parts = [
            forms.DecimalField(
                required=False, min_value=Decimal(0), max_digits=14, decimal_places=currency_exponent(name)
            )
            for name in currencies
        ]
        super().__init__(parts, require_all_fields=False, required=False, widget=AmountsWidget(currencies), **kwargs)

    def compress(self, values: Sequence[Decimal | None]) -> dict[str, int]:
        return {
            name: to_minor(amount, name)
            for name, amount in zip(self.currencies, values, strict=False)
            if amount is not None
        }

    def clean(self, value: Any) -> dict[str, int]:
        return super().clean(value) or {}


class RowForm(forms.Form):
    """A row of a table that may stay empty: a rate, a step or a limit."""

    def __init__(self, *args: Any, currencies: Sequence[str] = (), **kwargs: Any) -> None:
        self.currencies = currencies
        super().__init__(*args, **kwargs)

    def is_blank(self) -> bool:
        return not any(value not in (None, "", [], {}) for value in self.cleaned_data.values())


class BracketRow(RowForm):
    rate_bp = PercentField(label=_("Rate (%)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_minor"] = AmountsField(label=_("From"), currencies=self.currencies)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not self.is_blank() and data.get("rate_bp") is None:
            self.add_error("rate_bp", _("Write the rate that counts from here on."))
        return data


class StepRow(RowForm):
    after_months = forms.IntegerField(label=_("After so many months"), required=False, min_value=1, max_value=600)
    rate_bp = PercentField(label=_("Rate (%)"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not self.is_blank():
            for name, text in (("after_months", _("After how many months?")), ("rate_bp", _("Write the new rate."))):
                if data.get(name) is None:
                    self.add_error(name, text)
        return data


class LimitRow(RowForm):
    kind = forms.ChoiceField(
        label=_("Limit"), required=False, choices=[("", "–"), ("cap", _("At most")), ("floor", _("At least"))]
    )
    per = forms.ChoiceField(
        label=_("Per"),
        required=False,
        choices=[
            ("", "–"), ("line", _("order line")), ("order", _("order")), ("customer", _("customer")),
            ("month", _("month")), ("quarter", _("quarter")), ("year", _("year")),
        ],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount_minor"] = AmountsField(label=_("Amount"), currencies=self.currencies)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not self.is_blank():
            for name, text in (
                ("kind", _("At most or at least?")), ("per", _("Per what?")), ("amount_minor", _("Write an amount.")),
            ):  # fmt: skip
                if not data.get(name):
                    self.add_error(name, text)
        return data


BracketRows = forms.formset_factory(BracketRow, extra=3, max_num=20)
StepRows = forms.formset_factory(StepRow, extra=2, max_num=20)
LimitRows = forms.formset_factory(LimitRow, extra=2, max_num=20)
