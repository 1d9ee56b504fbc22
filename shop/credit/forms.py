"""What finance enters about a company's credit."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from shop.credit.models import CreditAccount
from shop.segments.desk.forms import CompanyField

CENT = Decimal("0.01")


def _money(label: Any, *, least: Decimal | None = CENT, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=least, max_digits=12, decimal_places=2, required=required)


class AccountFilter(forms.Form):
    """Which accounts to show."""

    STATES = (
        ("", _("all")),
        ("held", _("on hold")),
        ("near", _("less than a fifth of the limit left")),
        ("owing", _("owing")),
        ("ahead", _("paid in advance")),
    )
    q = forms.CharField(label=_("Company"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)


class KeyedForm(forms.Form):
    """Carries the key under which its entry is posted, so that the same form sent twice posts once."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class LimitForm(KeyedForm):
    limit = _money(_("Limit"), least=Decimal(0), required=False)
    note = forms.CharField(label=_("Reason"), max_length=255, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["limit"].help_text = _("Tax included. Empty: no limit is agreed, and nothing is refused.")


class AccountForm(LimitForm):
    """A limit for a company that has no account yet, or for one that has."""

    field_order = ("company", "currency", "limit", "note")
    company = CompanyField(label=_("Company"), max_length=200, help_text=_("Its name or VAT id."))
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, initial=settings.OSCAR_DEFAULT_CURRENCY)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class HoldForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=255, help_text=_("For colleagues. The buyer only reads that invoices are off.")
    )


class MoneyForm(KeyedForm):
    """Money that came or went."""

    amount = _money(_("Amount"))
    reference = forms.CharField(label=_("Reference"), max_length=120, help_text=_("As the bank names the payment."))


class CorrectionForm(KeyedForm):
    amount = _money(_("Amount"), least=None)
    note = forms.CharField(label=_("Reason"), max_length=255)

    def __init__(self, *args: object, account: CreditAccount, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["amount"].help_text = _("Above zero: %(company)s owes more. Below zero: less.") % {
            "company": account.company
        }
