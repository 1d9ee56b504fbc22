"""Forms about companies."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels.journeys.models import CompanyProfile
from channels.journeys.selectors.companies import merges_at


class ReasonForm(forms.Form):
    """Why somebody does it; the audit trail keeps it."""

    reason = forms.CharField(label=_("Reason"), max_length=255, widget=forms.Textarea(attrs={"rows": 2}))


class MergeForm(ReasonForm):
    """The company that stays. Companies that were merged into another are not offered."""

    survivor = forms.ModelChoiceField(CompanyProfile.objects.none(), label=_("Merge into"))
    field_order = ("survivor", "reason")

    def __init__(self, *args: Any, company: CompanyProfile, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        merged = merges_at(at).values("company")
        others = CompanyProfile.objects.exclude(pk=company.pk).exclude(pk__in=merged)
        field = self.fields["survivor"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = others
        field.label_from_instance = _named  # type: ignore[method-assign, assignment]

    def chosen(self) -> CompanyProfile | None:
        """Return the company chosen so far, on the form or in the address; None for none or a wrong one."""
        value = self["survivor"].value()
        field = self.fields["survivor"]
        try:
            found: CompanyProfile | None = field.clean(value) if value else None
        except forms.ValidationError:
            return None
        return found


def _named(company: Any) -> str:
    return " · ".join(filter(None, (company.name, company.country, company.vat_id, company.email_domain)))
