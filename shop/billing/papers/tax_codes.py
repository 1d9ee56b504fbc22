"""How a reason of shop.tax reads in EN 16931, and the sums of a paper by reason and rate."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from shop.billing.models import DocumentLine
from shop.tax.engine import sales

# Reason -> (UNCL 5305 category, VATEX code of the exemption). Orders from before shop.tax knew one code for no tax.
BEFORE_REASONS = "zero"
CATEGORIES = {
    sales.DOMESTIC: ("S", ""),
    sales.DESTINATION: ("S", ""),
    sales.ORIGIN: ("S", ""),
    sales.REVERSE_CHARGE: ("AE", "VATEX-EU-AE"),
    sales.INTRA_EU: ("K", "VATEX-EU-IC"),
    sales.EXPORT: ("G", "VATEX-EU-G"),
    sales.EXEMPT: ("E", ""),
    BEFORE_REASONS: ("G", "VATEX-EU-G"),
}


@dataclass(frozen=True, slots=True)
class TaxRow:
    """The lines of one reason, country and rate. `rate` is a share: 0.25."""

    reason: str
    country: str
    rate: Decimal
    base: Decimal
    tax: Decimal

    @property
    def category(self) -> str:
        """Return the category of EN 16931; a rate of zero within the country is Z."""
        code, _exemption = CATEGORIES.get(self.reason, ("S", ""))
        return "Z" if code == "S" and not self.rate else code

    @property
    def exemption_code(self) -> str:
        return CATEGORIES.get(self.reason, ("S", ""))[1]

    @property
    def percent(self) -> str:
        """Return the rate as a person writes it: 25, 12.5."""
        return f"{(self.rate * 100).normalize():f}"


def tax_rows(lines: Iterable[DocumentLine]) -> list[TaxRow]:
    """Return the sums by reason, country and rate, in the order in which they first come."""
    sums: dict[tuple[str, str, Decimal], tuple[Decimal, Decimal]] = {}
    for line in lines:
        key = (line.tax_code, line.tax_country, line.tax_rate)
        base, tax = sums.get(key, (Decimal(0), Decimal(0)))
        sums[key] = (base + line.net, tax + line.tax)
    return [TaxRow(*key, base, tax) for key, (base, tax) in sums.items()]
