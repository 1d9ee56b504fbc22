"""Forms of returns: the staff's shortcut from the order, and what customers ask for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from shop.forks.order.models import Order
from shop.registration.forms import DocumentField
from shop.returns.eligibility import Verdict
from shop.returns.models import ReturnLine
from shop.returns.services import take_backs
from shop.returns.services.requests import Wanted


class TakeBackForm(forms.Form):
    """One quantity per line that still has units to take back, a reason, and a token that makes it count once."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=80)
    reason = forms.CharField(label=_("Reason"), max_length=255)
    restock = forms.BooleanField(label=_("The goods are fit for sale: put them back in stock"), required=False)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = take_backs.remaining(order)
        self.lines = [line for line in order.lines.all() if left[line.pk]]
        for line in self.lines:
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=line.title, min_value=0, max_value=left[line.pk], initial=0, required=False
            )

    def facts(self) -> dict[str, Any]:
        """The cleaned form as arguments of `take_backs.take_back`."""
        data = self.cleaned_data
        return {
            "quantities": {line.pk: data[f"line_{line.pk}"] or 0 for line in self.lines},
            "key": data["key"],
            "reason": data["reason"],
            "restock": data["restock"],
        }


class LineForm(forms.Form):
    """What comes back of one line, and why. A line without units is left out."""

    quantity = forms.IntegerField(label=_("Units to return"), min_value=0, initial=0, required=False)
    reason = forms.ChoiceField(label=_("Reason"), choices=ReturnLine.Reason.choices)
    wish = forms.ChoiceField(label=_("What would you like?"), choices=ReturnLine._meta.get_field("wish").choices or ())
    text = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What is wrong? The more we know, the sooner we can decide."),
    )
    document = DocumentField(label=_("Photo or document"), required=False, help_text=_("PDF, PNG or JPEG, up to 5 MB."))

    def __init__(self, data: Any, files: Any, *, verdict: Verdict) -> None:
        super().__init__(data, files, prefix=f"line-{verdict.line.pk}")
        self.verdict = verdict
        quantity: Any = self.fields["quantity"]
        quantity.widget.attrs["max"] = verdict.units
        quantity.validators.append(MaxValueValidator(verdict.units))

    def wanted(self) -> Wanted | None:
        data = self.cleaned_data
        if not data["quantity"]:
            return None
        return Wanted(
            line_id=self.verdict.line.pk,
            quantity=data["quantity"],
            reason=data["reason"],
            wish=data["wish"],
            text=data["text"],
            documents=[data["document"]] if data["document"] else [],
        )


class AskForm(forms.Form):
    """The token that makes a request count once, and a LineForm for each line that may come back."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, verdicts: Iterable[Verdict], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        data, files = kwargs.get("data"), kwargs.get("files")
        self.line_forms = [LineForm(data, files, verdict=verdict) for verdict in verdicts if verdict.units]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(form.is_valid() for form in self.line_forms)])

    def wanted(self) -> list[Wanted]:
        """Return what the clean forms ask for."""
        return [wanted for form in self.line_forms if (wanted := form.wanted())]
