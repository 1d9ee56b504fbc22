"""The forms of staff: the day of a delivery, what leaves with a shipment, and a delivery rule."""

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from shop.forks.order.models import Order
from shop.fulfilment.engine.days import after
from shop.fulfilment.services import leaving, requested

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DeliveryForm(forms.Form):
    """A day from the order's, or the shipment's, to today."""

    on = forms.DateField(label=_("Delivered on"), widget=DAY)

    def __init__(self, *args: Any, first: datetime, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.now = first, now

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if on := data.get("on"):
            noon = datetime.combine(on, time(12), tzinfo=UTC)
            data["at"] = min(max(noon, self.first), self.now) if self.first.date() <= on <= self.now.date() else None
            if data["at"] is None:
                self.add_error("on", _("A delivery lies between the order and today."))
        return data


class RequestedDayForm(forms.Form):
    """When the goods are wanted; the method of delivery says how soon they can be there."""

    requested_on = forms.DateField(
        label=_("Requested delivery date"),
        required=False,
        widget=DAY,
        help_text=_("From Monday to Friday. Leave it empty to have the goods as soon as possible."),
    )

    def __init__(self, *args: Any, today: date, first_day: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.first_day = today, first_day
        self.fields["requested_on"].widget.attrs["min"] = after(today, 1).isoformat()

    def clean_requested_on(self) -> str:
        day: date | None = self.cleaned_data["requested_on"]
        why = requested.problem_with(day, today=self.today, first_day=self.first_day) if day else ""
        if why:
            raise ValidationError(why)
        return day.isoformat() if day else ""


class ShipmentForm(forms.Form):
    """Who brings what. One quantity per line that has units left; `key` makes the form count once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    carrier = forms.CharField(label=_("Carrier"), max_length=80)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=80, required=False)
    tracking_url = forms.URLField(
        label=_("Tracking link"), max_length=500, required=False, assume_scheme="https",
        help_text=_("The page where the buyer can follow the parcel."),
    )  # fmt: skip

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = leaving.left_to_ship(order)
        self.lines = [line for line, units in left.items() if units]
        for line in self.lines:
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=line.title, min_value=0, max_value=left[line], initial=left[line], required=False
            )

    def clean_tracking_url(self) -> str:
        url: str = self.cleaned_data["tracking_url"]
        if url and not url.startswith("https://"):
            raise ValidationError(_("A tracking link begins with https://."))
        return url

    def facts(self) -> dict[str, Any]:
        """Return the clean form as arguments of `shipments.ship`."""
        data = self.cleaned_data
        names = ("key", "carrier", "tracking_number", "tracking_url")
        quantities = {line.pk: data[f"line_{line.pk}"] or 0 for line in self.lines}
        return {"quantities": quantities, **{name: data[name] for name in names}}
