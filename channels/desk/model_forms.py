"""Whose journeys the attribution models are compared on: our own orders of a period, or a file."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from channels.desk.forms import ALL, DayInput
from channels.journeys.selectors.own_journeys import segments

MOST_BYTES = 5 * 1024 * 1024
BY = [
    ("partner", _("Channel partner")),
    ("role", _("Role")),
    ("kind", _("Kind of touch")),
    ("medium", _("Medium")),
]


class PeriodForm(forms.Form):
    since = forms.DateField(label=_("Orders from"), required=False, widget=DayInput)
    until = forms.DateField(label=_("to"), required=False, widget=DayInput)
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    by = forms.ChoiceField(label=_("Compare by"), required=False, choices=BY)

    def __init__(self, data: Any, *, today: date) -> None:
        """Bound in any case: what the address does not say is the year until today, by partner."""
        first = {"since": (today - timedelta(days=365)).isoformat(), "until": today.isoformat(), "by": "partner"}
        given = {name: value for name, value in data.items() if value}
        super().__init__(first | given)
        self.fields["segment"].choices = [ALL, *((name, name) for name in segments())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("The period ends before it begins."))
        return data

    def wanted(self) -> dict[str, Any]:
        """Return the period half-open in UTC, the last day included."""
        data = self.cleaned_data
        return {
            "since": datetime.combine(data["since"], time.min, tzinfo=UTC),
            "until": datetime.combine(data["until"] + timedelta(days=1), time.min, tzinfo=UTC),
            "segment": data["segment"],
            "by": data["by"],
        }


class JourneyFileForm(forms.Form):
    file = forms.FileField(
        label=_("File of journeys"),
        help_text=_(
            "One row per path (path; total_conversions; total_conversion_value; total_null) or one row per touch "
            "(journey_id, at, touch, converted, value), up to 5 MB. Nothing of it is kept."
        ),
    )
    with_value = forms.BooleanField(label=_("Share the value of the conversions, not their number"), required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(
                _(
                    "The file is larger than 5 MB. The command takes files of any size: "
                    "manage.py attribute --model MODEL --input FILE"
                )
            )
        return file
