"""Forms of the staff's pages of returns."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from shop.returns.models import Repayment, ReturnLine, ReturnPolicy, ReturnRequest
from shop.returns.services.goods import Finding

OPEN = ("open", _("Waiting for us"))
ALL = ("", _("All"))


class QueueFilter(forms.Form):
    q = forms.CharField(label=_("Return, order or company"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[OPEN, *ReturnRequest.State.choices, ALL])


class RepaymentFilter(forms.Form):
    q = forms.CharField(label=_("Return, order or company"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[OPEN, *Repayment.State.choices, ALL])


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note for the customer"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(forms.Form):
    text = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The customer reads it."),
    )  # fmt: skip


class ReceiveForm(forms.Form):
    """How many units of each line arrived."""

    def __init__(self, *args: Any, request: ReturnRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(request.lines.select_related("line"))
        for line in self.lines:
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=f"{line.line.title} ({line.quantity})", min_value=0, max_value=line.quantity,
                initial=line.quantity,
            )  # fmt: skip

    def quantities(self) -> dict[int, int]:
        return {line.pk: self.cleaned_data[f"line_{line.pk}"] for line in self.lines}


class InspectLineForm(forms.Form):
    """What the inspection says of one received line."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=ReturnLine.Outcome.choices)
    condition = forms.ChoiceField(label=_("Condition"), choices=ReturnLine.Condition.choices)
    accepted = forms.IntegerField(label=_("Units accepted"), min_value=0)
    restock = forms.IntegerField(
        label=_("Units back in stock"), min_value=0, help_text=_("Fit for sale as new. The others are scrapped.")
    )

    def __init__(self, data: Any, *, line: ReturnLine) -> None:
        initial = {"outcome": line.wish, "accepted": line.received, "restock": 0}
        super().__init__(data, prefix=f"line-{line.pk}", initial=initial)
        self.row = line
        for name in ("accepted", "restock"):
            field: Any = self.fields[name]
            field.validators.append(MaxValueValidator(line.received or 0))
            field.widget.attrs["max"] = line.received

    def finding(self) -> Finding:
        return Finding(**self.cleaned_data)


class InspectForm(forms.Form):
    """An InspectLineForm for each line of which something arrived, and a note."""

    text = forms.CharField(
        label=_("Note for the customer"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed when nothing is accepted."),
    )  # fmt: skip

    def __init__(self, *args: Any, request: ReturnRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = request.lines.filter(received__gt=0).select_related("line")
        self.line_forms = [InspectLineForm(kwargs.get("data"), line=line) for line in rows]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(form.is_valid() for form in self.line_forms)])

    def findings(self) -> dict[int, Finding]:
        return {form.row.pk: form.finding() for form in self.line_forms}


class ReleaseForm(forms.Form):
    """How the money goes; a transfer is made first and recorded with the bank's reference."""

    way = forms.ChoiceField(label=_("Way"), choices=())
    reference = forms.CharField(
        label=_("Reference of the transfer"), required=False, max_length=120,
        help_text=_("Only for a transfer, which you have made at the bank."),
    )  # fmt: skip

    def __init__(self, *args: Any, repayment: Repayment, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": {"way": repayment.way}})
        has_failed = repayment.state == Repayment.State.FAILED
        ways = [Repayment.Way.PAYMENT] if repayment.payment_id else []
        if has_failed or not repayment.payment_id:
            ways += [Repayment.Way.TRANSFER, Repayment.Way.CREDIT]
        way: Any = self.fields["way"]
        way.choices = [(each.value, each.label) for each in ways]


class PolicyForm(forms.ModelForm):
    class Meta:
        model = ReturnPolicy
        fields = ("company", "category", "product_class", "days")
        help_texts = {"days": _("Zero: these goods do not come back.")}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("category") and data.get("product_class"):
            raise forms.ValidationError(_("Choose a category or a product type, not both."))
        same = ReturnPolicy.objects.filter(
            **{name: data.get(name) for name in ("company", "category", "product_class")}
        )
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a return window for these already. Change that one."))
        return data
