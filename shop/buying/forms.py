"""Forms of the checkout."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.buying.models import PurchaseDetails
from shop.buying.selectors import earlier_order_with
from shop.companies.models import CostCentre, Membership
from shop.companies.selectors import cost_centres_for

DEFAULT_PATTERN = r"[\w./#\- ]+"


class PurchaseOrderForm(forms.Form):
    """The buyer's own order number and cost centre, as the company wants them."""

    purchase_order_number = forms.CharField(
        label=_("Purchase order number"),
        max_length=64,
        required=False,
        help_text=_("Printed on the invoice, so that your accounts department can match it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    use_again = forms.BooleanField(label=_("Use this number again"), required=False)

    keep_card = forms.BooleanField(
        label=_("Save the card for my company"),
        required=False,
        help_text=_("Colleagues who order can pay with it too. You can remove it in your account."),
    )
    cost_centre = forms.ModelChoiceField(
        label=_("Cost centre"), queryset=CostCentre.objects.none(), required=False, empty_label=_("None")
    )

    def __init__(self, *args: object, membership: Membership, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.company = company = membership.company
        self._offer_cost_centres(membership)
        self.duplicate: PurchaseDetails | None = None
        number = self.fields["purchase_order_number"]
        number.required = company.po_required
        number.error_messages["required"] = _("Your company wants its own order number on each order.")

    def _offer_cost_centres(self, membership: Membership) -> None:
        """Offer those that the buyer may book on; a company without any is not asked."""
        offered = cost_centres_for(membership)
        if not self.company.cost_centre_required and not offered.exists():
            del self.fields["cost_centre"]
            return
        field: Any = self.fields["cost_centre"]
        field.queryset = offered
        field.required = self.company.cost_centre_required
        if field.required:
            field.empty_label = _("Choose a cost centre")

    def clean_purchase_order_number(self) -> str:
        number = self.cleaned_data["purchase_order_number"].strip()
        pattern = self.company.po_pattern or DEFAULT_PATTERN
        if number and not re.fullmatch(pattern, number):
            if self.company.po_pattern:
                raise forms.ValidationError(
                    _(
                        "Your company's purchase order numbers look different. Please check it, or ask your purchasing department."
                    )
                )
            raise forms.ValidationError(_("Use letters, digits, spaces and . / _ - # only."))
        return number

    def clean(self) -> dict:
        """Warn once about a number used before; the buyer may mean it."""
        data = super().clean() or {}
        number = data.get("purchase_order_number", "")
        self.duplicate = earlier_order_with(company=self.company, purchase_order_number=number)
        if self.duplicate and not data.get("use_again"):
            self.add_error(
                "purchase_order_number",
                _("Order %(number)s already has this number. Change it, or tick “Use this number again”.")
                % {"number": self.duplicate.order.number},
            )
        return data
