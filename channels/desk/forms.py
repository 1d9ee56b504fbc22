"""Forms of the desk."""

import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels.commissions.models import Accrual, Dispute, LedgerPosting, Rail, Statement
from channels.core.money import currency_exponent
from channels.journeys.models import CompanyProfile, Override, Relationship
from channels.journeys.models.labels import TOUCH_KINDS
from channels.partners.models import Agreement, ChannelPartner, PartnerMember

ALL = ("", pgettext_lazy("filter", "All"))


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class PercentField(forms.DecimalField):
    """A percentage as people write it; its value is integer basis points."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "decimal_places": 2, "max_digits": 6, "required": False, **kwargs})

    def clean(self, value: Any) -> Any:
        """Return basis points; what is left empty is the initial value."""
        percent = super().clean(self.initial if value in self.empty_values else value)
        return None if percent is None else int(percent * 100)


def _choices(enum: Any) -> list[tuple[str, Any]]:
    return [ALL, *enum.choices]


class TextFilter(forms.Form):
    """A search word; the other filters extend it. NUL is refused by CharField itself."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)


class PartnerFilter(TextFilter):
    status = forms.ChoiceField(label=_("Status"), required=False, choices=_choices(ChannelPartner.Status))
    kind = forms.ChoiceField(label=_("Type"), required=False, choices=_choices(ChannelPartner.Kind))


class RelationshipFilter(TextFilter):
    role = forms.ChoiceField(label=_("Role"), required=False, choices=_choices(Relationship.Role))
    partner = forms.ModelChoiceField(ChannelPartner.objects.all(), label=_("Channel partner"), required=False)


class TouchpointFilter(TextFilter):
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ALL, *TOUCH_KINDS])
    partner = forms.ModelChoiceField(ChannelPartner.objects.all(), label=_("Channel partner"), required=False)


class OrderFilter(TextFilter):
    channel = forms.ChoiceField(
        label=_("Channel"), required=False, choices=[ALL, ("direct", _("Direct")), ("reseller", _("Reseller"))]
    )
    partner = forms.ModelChoiceField(ChannelPartner.objects.all(), label=_("Credited partner"), required=False)
    state = forms.ChoiceField(label=_("Commission"), required=False, choices=_choices(Accrual.State))


class LedgerFilter(TextFilter):
    partner = forms.ModelChoiceField(ChannelPartner.objects.all(), label=_("Channel partner"), required=False)
    account = forms.CharField(label=_("Account starts with"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=_choices(LedgerPosting.Kind))


class StatementFilter(TextFilter):
    partner = forms.ModelChoiceField(ChannelPartner.objects.all(), label=_("Channel partner"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=_choices(Statement.State))


class DisputeFilter(TextFilter):
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[ALL, ("current", _("To decide")), ("overdue", _("Overdue")), *Dispute.State.choices],
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=_choices(Dispute.Kind))
    partner = forms.ModelChoiceField(ChannelPartner.objects.all(), label=_("Channel partner"), required=False)


class OverrideFilter(TextFilter):
    state = forms.ChoiceField(label=_("State"), required=False, choices=_choices(Override.State))


class RelationshipForm(forms.Form):
    """A new role of a partner at a company."""

    company = forms.ModelChoiceField(CompanyProfile.objects.all(), label=_("Company"))
    partner = forms.ModelChoiceField(
        ChannelPartner.objects.filter(status=ChannelPartner.Status.ACTIVE), label=_("Channel partner")
    )
    role = forms.ChoiceField(label=_("Role"), choices=Relationship.Role.choices)
    valid_from = forms.DateTimeField(label=_("Valid from (UTC)"), widget=MomentInput, initial=timezone.now)
    evidence = forms.CharField(
        label=_("Evidence"), max_length=255, help_text=_("What shows it: a contract, a mail, a visit report.")
    )


class EndForm(forms.Form):
    """The early end of a relationship."""

    ended_at = forms.DateTimeField(label=_("Ends at (UTC)"), widget=MomentInput, initial=timezone.now)
    reason = forms.CharField(label=_("Reason"), max_length=255)


class PublishForm(forms.Form):
    """From when a draft is in force."""

    effective_from = forms.DateTimeField(
        label=_("In force from (UTC)"),
        widget=MomentInput,
        required=False,
        help_text=_("Empty: at once. Never in the past."),
    )
    reason = forms.CharField(
        label=_("Reason, as partners will read it"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class PaymentForm(forms.Form):
    """The reference of a transfer that finance made by hand."""

    reference = forms.CharField(label=_("Bank reference"), max_length=120)


class PayoutFilter(TextFilter):
    partner = forms.ModelChoiceField(ChannelPartner.objects.all(), label=_("Channel partner"), required=False)
    rail = forms.ChoiceField(label=_("Paid by"), required=False, choices=_choices(Rail))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[ALL, *((state.value, state.label) for state in (Statement.State.CLOSED, Statement.State.APPROVED))],
    )


class BankReportForm(forms.Form):
    """The bank's answer to a SEPA file."""

    LARGEST = 5 * 1024 * 1024

    file = forms.FileField(label=_("Report (pain.002)"), help_text=_("The XML file that the bank gives you."))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > self.LARGEST:
            raise forms.ValidationError(_("The file is larger than 5 MB. A report of the bank is not."))
        return file


class PartnerForm(forms.ModelForm):
    """The facts of a channel partner; its status moves by its own acts."""

    class Meta:
        model = ChannelPartner
        fields = (
            "name",
            "kind",
            "tier",
            "country",
            "city",
            "summary",
            "about",
            "website",
            "email",
            "phone",
            "vat_id",
            "is_listed",
        )


class ParentForm(forms.Form):
    """The distributor above a partner."""

    parent = forms.ModelChoiceField(
        ChannelPartner.objects.filter(kind=ChannelPartner.Kind.DISTRIBUTOR), label=_("Distributor"), required=False
    )


class CodesField(forms.CharField):
    """A list of short codes typed with commas or spaces; upper case when they are countries."""

    def __init__(self, *, upper: bool = False, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.upper = upper

    def clean(self, value: Any) -> list[str]:
        words = re.split(r"[,;\s]+", super().clean(value) or "")
        return sorted({word.upper() if self.upper else word.lower() for word in words if word})

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


class RegisterPartnerForm(forms.ModelForm):
    """An application taken on by the desk; its code ends up in links and cannot change."""

    territories = CodesField(
        upper=True, label=_("Territories"), help_text=_("Two-letter country codes; empty: its own country.")
    )
    product_classes = CodesField(label=_("Product classes"), help_text=_("For example hardware, software; empty: all."))

    class Meta:
        model = ChannelPartner
        fields = (
            "code",
            "name",
            "kind",
            "tier",
            "country",
            "city",
            "territories",
            "product_classes",
            "summary",
            "email",
            "vat_id",
        )


class AgreementForm(forms.Form):
    """The next version of a partner's agreement."""

    def clean_payout_currency(self) -> str:
        code = str(self.cleaned_data["payout_currency"]).upper()
        try:
            return code if not code or currency_exponent(code) >= 0 else ""
        except ValueError as error:
            raise forms.ValidationError(_("Three letters, such as EUR.")) from error

    starts_on = forms.DateField(label=_("Starts on"), widget=DayInput, initial=timezone.localdate)
    ends_on = forms.DateField(label=_("Ends on"), widget=DayInput, required=False)
    data_level = forms.TypedChoiceField(
        label=_("Data level"), choices=Agreement.DataLevel.choices, coerce=int, initial=1
    )
    tail_months = forms.IntegerField(label=_("Months of tail after its end"), min_value=0, max_value=60, initial=6)
    self_billing = forms.BooleanField(label=_("We issue the partner's invoices: each statement is one"), required=False)
    payout_currency = forms.CharField(
        label=_("Paid in"),
        max_length=3,
        required=False,
        help_text=_(
            "A currency such as EUR: what is earned in others is converted when a month closes. Empty: as earned."
        ),
    )
    min_margin_bp = PercentField(
        label=_("Minimum margin on its buy price, %"),
        max_value=500,
        initial=0,
        help_text=_("We do not sell directly below the partner's buy price plus this margin."),
    )
    guarantee_factor_bp = PercentField(
        label=_("No-worse-off guarantee, %"),
        max_value=200,
        initial=100,
        help_text=_("Of the margin the partner would have earned by reselling the line itself."),
    )
    selling_cost_bp = PercentField(
        label=_("Its cost of selling, in percent of the resale price"), max_value=100, initial=0
    )
    selling_cost_minor = forms.IntegerField(
        label=_("Its cost of selling per order line, in cents"),
        min_value=0,
        max_value=10_000_000,
        initial=0,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends <= starts:
            self.add_error("ends_on", _("The end comes after the start."))
        data["selling_cost_minor"] = data.get("selling_cost_minor") or 0
        return data


class MemberForm(forms.Form):
    """A person of a partner."""

    email = forms.EmailField(label=_("E-mail"))
    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=PartnerMember.Role.choices)
