"""The forms of delivery rules."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oscar.apps.address.models import Country

from shop.fulfilment.models import DeliveryMethod, ShippingCharge, ShippingRule

FREE = "free"


class RuleFilter(forms.Form):
    method = forms.ModelChoiceField(
        label=gettext_lazy("Method"),
        queryset=DeliveryMethod.objects.all(),
        required=False,
        empty_label=gettext_lazy("All"),
    )


class MethodForm(forms.ModelForm):
    class Meta:
        model = DeliveryMethod
        fields = ("code", "name", "position", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["code"].disabled = True  # orders keep it


class RuleForm(forms.ModelForm):
    """A rule with its charges as lines of text: currency, charge, and what else applies."""

    countries = forms.CharField(
        label=gettext_lazy("Countries"),
        required=False,
        help_text=gettext_lazy("Two letters each, such as NO SE DK. Empty: everywhere."),
    )
    charges = forms.CharField(
        label=gettext_lazy("Charges"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "One line each, net: currency and charge; then, as it applies, “from” and grams, “free” and the value of "
            "goods. For example: EUR 19.00 free 750.00 – or: EUR 49.00 from 20000"
        ),
    )

    class Meta:
        model = ShippingRule
        fields = ("method", "company", "group", "is_offered", "first_day", "last_day", "is_active")

    field_order = (
        "method", "company", "group", "countries", "is_offered", "charges", "first_day", "last_day", "is_active",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].help_text = _("Empty, with no group either: everybody.")
        self.fields["is_offered"].help_text = _("Not ticked: this method is taken away from them.")
        if self.instance.pk:
            self.initial["countries"] = " ".join(self.instance.countries)
            self.initial["charges"] = "\n".join(written(row) for row in self.instance.charges.all())

    def clean_countries(self) -> list[str]:
        codes = self.cleaned_data["countries"].upper().replace(",", " ").split()
        known = set(Country.objects.filter(pk__in=codes).values_list("pk", flat=True))
        if unknown := [code for code in codes if code not in known]:
            raise ValidationError(_("We know no country %(codes)s.") % {"codes": ", ".join(unknown)})
        return sorted(set(codes))

    def clean_charges(self) -> list[ShippingCharge]:
        lines = [line.split() for line in self.cleaned_data["charges"].splitlines() if line.strip()]
        found = [read(words) for words in lines]
        steps = [(row.currency, row.from_grams) for row in found]
        if len(set(steps)) < len(steps):
            raise ValidationError(_("Two lines have the same currency and weight. Keep one of them."))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("company") and data.get("group"):
            self.add_error("group", _("A rule is for a company or for a group, not for both."))
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last working day lies before the first."))
        if data.get("is_offered") and "charges" in data and not data["charges"]:
            self.add_error("charges", _("A method that is offered has a charge, which may be 0.00."))
        self.instance.countries = data.get("countries", [])
        return data


def written(row: ShippingCharge) -> str:
    """Return a charge as `read` takes it."""
    parts = [row.currency, str(row.charge)]
    parts += ["from", str(row.from_grams)] if row.from_grams else []
    parts += [FREE, str(row.free_from)] if row.free_from is not None else []
    return " ".join(parts)


def read(words: list[str]) -> ShippingCharge:
    """Return the charge of a line's words; raises ValidationError."""
    line = " ".join(words)
    options = dict(zip(words[2::2], words[3::2], strict=False))
    if len(words) < 2 or len(words) % 2 or not set(options) <= {"from", FREE}:
        raise ValidationError(_("“%(line)s” is not a charge. Write it like: EUR 19.00 free 750.00") % {"line": line})
    currency = words[0].upper()
    if len(currency) != 3 or not currency.isalpha():
        raise ValidationError(_("“%(line)s” does not begin with a currency such as EUR.") % {"line": line})
    grams = options.get("from", "0")
    if not grams.isdecimal() or int(grams) > 100_000_000:
        raise ValidationError(_("“%(line)s”: the weight is a whole number of grams.") % {"line": line})
    free_from = _money(options[FREE], line) if FREE in options else None
    return ShippingCharge(currency=currency, charge=_money(words[1], line), from_grams=int(grams), free_from=free_from)


def _money(text: str, line: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount < 10**7 or amount != round(amount, 2):
        raise ValidationError(_("“%(line)s”: write amounts like 19.00.") % {"line": line})
    return round(amount, 2)
