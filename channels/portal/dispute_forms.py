"""What a partner writes to dispute a credit, or to claim an order."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels.commissions.models import Dispute
from channels.commissions.services.disputes import TEXT_LIMIT
from channels.portal.forms import day_field


def _text(label: Any, *, required: bool = True, rows: int = 5, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "class": "control"})
    return forms.CharField(label=label, required=required, max_length=TEXT_LIMIT, widget=widget, help_text=help_text)


class DisputeForm(forms.Form):
    """About an order that credits the partner."""

    kind = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=[(code, label) for code, label in Dispute.Kind.choices if code != Dispute.Kind.CLAIM],
        widget=forms.Select(attrs={"class": "control"}),
    )
    reason = _text(_("What should it be, and why?"))
    evidence = _text(
        _("What shows it?"),
        required=False,
        help_text=_("Days and people of meetings, references of mails or offers, your deal registration."),
    )


class ClaimForm(forms.Form):
    """About an order by its number: one that the partner may not see."""

    named = forms.CharField(
        label=_("Order number or reference"),
        max_length=128,
        widget=forms.TextInput(attrs={"class": "control", "autocomplete": "off"}),
        help_text=_("As it stands on your customer's order confirmation or invoice."),
    )
    ordered_on = day_field(_("Day of the order"), help_text=_("Roughly is enough when you do not know it."))
    reason = _text(_("What was your part in it?"))
    evidence = _text(
        _("What shows it?"),
        help_text=_("Days and people of meetings, references of mails or offers, your deal registration."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ordered_on"].required = True

    def clean_ordered_on(self) -> date:
        return self.cleaned_data["ordered_on"] or date.min


class AnswerForm(forms.Form):
    text = _text(_("Add something"), rows=4)
