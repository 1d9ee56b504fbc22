"""The day of a delivery."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.forks.order.models import Order


class DeliveryForm(forms.Form):
    """A day from the order's to today."""

    on = forms.DateField(label=_("Delivered on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, order: Order, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order, self.now = order, now

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if on := data.get("on"):
            noon = datetime.combine(on, time(12), tzinfo=UTC)
            first = self.order.date_placed
            data["at"] = min(max(noon, first), self.now) if first.date() <= on <= self.now.date() else None
            if data["at"] is None:
                self.add_error("on", _("A delivery lies between the order and today."))
        return data
