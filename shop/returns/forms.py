"""The form behind a refund or cancellation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.forks.order.models import Order
from shop.returns.services import take_backs


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
