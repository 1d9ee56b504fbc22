"""Forms of programmes: a new one, what holds for all of its rules, a simulation, a consultation."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels.commissions.engine.facts import RULE_TYPES
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import Programme
from channels.core.terms import TermsError
from channels.desk.forms import DayInput
from channels.desk.rule_fields import AmountsField, PercentField, WordsField
from channels.partners.models import ChannelPartner

SAME = ("hold_days", "return_window_days", "override", "win_back_days", "steward_change", "total_cap_bp", "holdout_bp")


class ProgrammeForm(forms.Form):
    """A new programme; its code ends up in keys and statements and cannot change."""

    name = forms.CharField(label=_("Name"), max_length=120)
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("Small letters, digits and hyphens, for good."))

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].lower()
        if Programme.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a programme with this code: draft its next version instead."))
        return code


class GeneralForm(forms.Form):
    """What holds for all rules of a version."""

    total_cap_bp = PercentField(
        label=_("Cap on all commissions of a line (%)"), required=False, help_text=_("Of its net. Empty: no cap.")
    )
    override = forms.ChoiceField(
        label=_("A distributor's part comes"),
        choices=[("on_top", _("on top")), ("inside", _("out of what its resellers earn"))],
    )
    hold_days = forms.IntegerField(label=_("Hold after payment (days)"), min_value=0, max_value=3650)
    return_window_days = forms.IntegerField(label=_("Return window (days)"), min_value=0, max_value=3650)
    win_back_days = forms.IntegerField(
        label=_("A renewal so many days late is new business"), required=False, min_value=1, max_value=3650,
        help_text=_("Empty: it stays a renewal."),
    )  # fmt: skip
    steward_change = forms.ChoiceField(
        label=_("When the renewal steward changes"),
        choices=[("keep", _("the one on the day of renewal earns")), ("by_days", _("they share the term by days"))],
    )
    holdout_bp = PercentField(
        label=_("Customers renewed without a steward (%)"),
        help_text=_("The hold-out that an uplift is measured against."),
    )
    shrink_order = WordsField(
        label=_("Order in which types are cut by the cap"),
        help_text=_("The first is cut first: %s") % ", ".join(RULE_TYPES),
    )
    reason = forms.CharField(
        label=_("Reason for the change"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}), required=False
    )

    def __init__(self, *args: Any, terms: Mapping[str, Any], currencies: Sequence[str], **kwargs: Any) -> None:
        self.terms = terms
        full = {**ProgrammeTerms().to_json(), **terms}
        initial = {name: full[name] for name in (*SAME, "shrink_order", "minimum_payable_minor")}
        super().__init__(*args, **{**kwargs, "initial": {**initial, **kwargs.get("initial", {})}})
        self.fields["minimum_payable_minor"] = AmountsField(label=_("Paid out from"), currencies=currencies)
        self.order_fields([*SAME, "minimum_payable_minor", "shrink_order", "reason"])

    def clean_shrink_order(self) -> list[str]:
        order = [name.upper() for name in self.cleaned_data["shrink_order"]]
        try:
            ProgrammeTerms.from_json({"shrink_order": order})
        except TermsError as error:
            raise forms.ValidationError([problem.partition(": ")[2] for problem in error.problems]) from error
        return order

    def terms_now(self) -> dict[str, Any]:
        changed = {name: self.cleaned_data[name] for name in (*SAME, "minimum_payable_minor", "shrink_order")}
        return {**self.terms, **changed}


class PeriodForm(forms.Form):
    """Which past orders a draft is held against."""

    since = forms.DateField(label=_("Orders from"), widget=DayInput)
    until = forms.DateField(label=_("until (not included)"), widget=DayInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until <= since:
            self.add_error("until", _("The end comes after the beginning."))
        return data

    def period(self) -> tuple[datetime, datetime]:
        since, until = (datetime.combine(self.cleaned_data[name], time(), UTC) for name in ("since", "until"))
        return since, until


class ShareForm(forms.Form):
    """Partners who are asked what they think."""

    partners = forms.ModelMultipleChoiceField(
        ChannelPartner.objects.filter(status=ChannelPartner.Status.ACTIVE),
        label=_("Channel partners"),
        widget=forms.CheckboxSelectMultiple,
    )
    message = forms.CharField(
        label=_("What you ask them"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class CommentForm(forms.Form):
    text = forms.CharField(label=_("Answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
