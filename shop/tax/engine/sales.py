"""A sale as the tax rules see it, and what they answer."""

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

# Northern Ireland (XI) counts as the Union for goods only; we sell there as to the rest of the United Kingdom.
UNION = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
STANDARD, ZERO = "standard", "zero"
DOMESTIC, REVERSE_CHARGE, INTRA_EU, EXPORT = "domestic", "reverse_charge", "intra_eu", "export"
DESTINATION, ORIGIN, EXEMPT = "destination", "origin", "exempt"
VALID = "valid"


class NoRate(Exception):
    """No rate of the country is known for that day: a row is missing among the tax rates."""

    def __init__(self, country: str, code: str, on: date) -> None:
        super().__init__(f"No {code} rate of {country} on {on}: add it to the tax rates.")


@dataclass(frozen=True, slots=True)
class Rate:
    """A country's rate (a share, 0.25) within a half-open period of days."""

    country: str
    code: str
    rate: Decimal
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """Where else the seller is registered, within a half-open period of days."""

    country: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerFacts:
    code: str
    country: str
    rounding: str = "line"  # or "invoice"
    without_vat_id: str = "seller"  # or "destination"
    registrations: tuple[Registered, ...] = ()

    def home_countries(self, on: date) -> frozenset[str]:
        """Return the countries in which a sale is a domestic one."""
        others = (found.country for found in self.registrations if is_in_force(found, on))
        return frozenset((self.country, *others))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """What frees a buyer from a country's tax ('' from any): a certificate, or what we agreed for the location."""

    country: str = ""
    number: str = ""
    certificate_id: int | None = None
    last_day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VatAnswer:
    """What a register said of a VAT id; `result` is a VatCheck.Result, "" when it was never asked."""

    vat_id: str = ""
    result: str = ""
    source: str = ""
    checked_at: str = ""
    registered_name: str = ""

    @property
    def is_valid(self) -> bool:
        return bool(self.vat_id) and self.result == VALID

    @property
    def country(self) -> str:
        """Return the country that gave the id; Greek ones begin with EL."""
        return {"EL": "GR"}.get(self.vat_id[:2], self.vat_id[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerFacts:
    """Who buys: established in `country`, exempt by all of `exemptions` that are in force on the day of the sale."""

    country: str
    vat: VatAnswer = VatAnswer()
    exemptions: tuple[Exemption, ...] = ()
    is_taxed: bool = False  # a location that is always taxed, whatever its documents say


@dataclass(frozen=True, slots=True)
class SaleLine:
    """What is sold: goods go to a place, services to the buyer; `code` is the kind of rate it bears."""

    is_goods: bool = True
    code: str = STANDARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Everything that a provider may ask about; `ship_to` is '' where nothing is shipped."""

    on: date
    seller: SellerFacts
    buyer: BuyerFacts
    lines: tuple[SaleLine, ...]
    ship_to: str = ""


@dataclass(frozen=True, slots=True)
class Treatment:
    """How a line is taxed: at a share, as the `code` rate of `country`, for a reason."""

    rate: Decimal
    reason: str
    country: str
    code: str = STANDARD


@dataclass(frozen=True, slots=True)
class Quote:
    """A treatment per line of the sale, in its order, and what they rest upon."""

    treatments: tuple[Treatment, ...]
    evidence: dict[str, Any] = field(default_factory=dict)


class TaxProvider(Protocol):
    """Who knows how sales are taxed. `settings.TAX_PROVIDER` names one.

    It is asked while an order is placed, inside the transaction: an answer of a service elsewhere must be at hand by
    then. Raises NoRate where it knows no rate.
    """

    name: str

    def quote(self, sale: Sale) -> Quote: ...


def is_in_force(period: Rate | Registered, on: date) -> bool:
    return period.valid_from <= on and (period.valid_to is None or on < period.valid_to)


def evidence_of(sale: Sale, used: tuple[Treatment, ...]) -> dict[str, Any]:
    """Return what the treatments rest upon, as an order keeps it."""
    found: dict[str, Any] = {"ship_to": sale.ship_to, "buyer_country": sale.buyer.country}
    reasons = {treatment.reason for treatment in used}
    if sale.buyer.vat.vat_id:
        found["vat"] = asdict(sale.buyer.vat)
    if EXEMPT in reasons:
        found["exemptions"] = [asdict(exemption) for exemption in sale.buyer.exemptions]
    return found
