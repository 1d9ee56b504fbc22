"""Value added tax: which rate a company pays, and the note that the invoice carries.

We sell from Norway. A Norwegian company pays the rate of the day; any other is zero-rated, as an export for goods and
under reverse charge for services.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SELLER_COUNTRY = "NO"
# Country -> (valid from, rate) newest first.
VAT_RATES: dict[str, tuple[tuple[date, Decimal], ...]] = {
    "NO": ((date(2005, 1, 1), Decimal("0.25")),),
}
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class TaxTreatment:
    """The rate, a code for the order's lines, and what to tell the buyer."""

    rate: Decimal
    code: str
    note: str | Promise

    @property
    def percent_text(self) -> str:
        """Return the rate as a person writes it: 25, 12.5."""
        return f"{(self.rate * 100).normalize():f}"


def treatment(*, country: str, on: date, is_exempt: bool = False) -> TaxTreatment:
    """Return how a sale to a company in `country` is taxed on a day; `is_exempt` is what its certificate says."""
    if is_exempt:
        return TaxTreatment(Decimal(0), "exempt", _("No VAT: exempt by your certificate."))
    if country == SELLER_COUNTRY:
        rate = next(rate for valid_from, rate in VAT_RATES[SELLER_COUNTRY] if valid_from <= on)
        return TaxTreatment(rate, "domestic", _("Norwegian VAT"))
    return TaxTreatment(
        Decimal(0),
        "zero",
        _("No Norwegian VAT: export of goods, and reverse charge for services. You account for VAT in your country."),
    )


def tax_on(amount: Decimal, rate: Decimal) -> Decimal:
    """Return the tax on a net amount, rounded half-up to cents. Called once per line, never per unit."""
    return (amount * rate).quantize(CENT, rounding=ROUND_HALF_UP)
