"""The built-in rules: `docs/algorithms/tax.md` has them as a table."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from shop.tax.engine import sales
from shop.tax.engine.sales import NoRate, Quote, Rate, Sale, SaleLine, Treatment

NOTHING = Decimal(0)


def quote(sale: Sale, rates: Iterable[Rate]) -> Quote:
    """Return how each line is taxed; raises NoRate."""
    known = tuple(rates)
    treatments = tuple(_exempt(_treat(line, sale, known), sale) for line in sale.lines)
    return Quote(treatments, sales.evidence_of(sale, treatments))


def rate_of(rates: Iterable[Rate], *, country: str, code: str, on: date) -> Decimal:
    """Return a country's rate of a kind on a day; a kind that the country does not have is its standard rate."""
    if code == sales.ZERO:
        return NOTHING
    known = (rate for rate in rates if rate.country == country and sales.is_in_force(rate, on))
    found = {rate.code: rate.rate for rate in sorted(known, key=lambda rate: rate.valid_from)}
    share = found.get(code, found.get(sales.STANDARD))
    if share is None:
        raise NoRate(country, code, on)
    return share


def _treat(line: SaleLine, sale: Sale, rates: tuple[Rate, ...]) -> Treatment:
    """Goods are taxed where they arrive, services where the buyer is."""
    seller, buyer = sale.seller, sale.buyer
    place = (sale.ship_to or buyer.country) if line.is_goods else buyer.country

    def taxed(country: str, reason: str) -> Treatment:
        share = rate_of(rates, country=country, code=line.code, on=sale.on)
        return Treatment(share, reason, country, line.code)

    if place in seller.home_countries(sale.on):
        return taxed(place, sales.DOMESTIC)
    if not {seller.country, place} <= sales.UNION:
        reason = sales.EXPORT if line.is_goods else sales.REVERSE_CHARGE
        return Treatment(NOTHING, reason, place, line.code)
    if buyer.vat.is_valid and buyer.vat.country in sales.UNION - {seller.country}:
        reason = sales.INTRA_EU if line.is_goods else sales.REVERSE_CHARGE
        return Treatment(NOTHING, reason, place, line.code)
    if seller.without_vat_id == sales.DESTINATION:
        return taxed(place, sales.DESTINATION)
    return taxed(seller.country, sales.ORIGIN)


def _exempt(treatment: Treatment, sale: Sale) -> Treatment:
    """Free a line that would bear tax; one that bears none keeps its own reason."""
    if not treatment.rate or sale.buyer.is_taxed:
        return treatment
    if any(exemption.country in ("", treatment.country) for exemption in sale.buyer.exemptions):
        return Treatment(NOTHING, sales.EXEMPT, treatment.country, treatment.code)
    return treatment
