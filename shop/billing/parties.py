"""Who sold and who bought, as texts of the day of the paper."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings

from shop.forks.order.models import Order

POSTCODE_AND_CITY = re.compile(r"^(?P<postcode>[A-Z]{0,2}-?\d[\w -]*?) (?P<city>\D+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A name and an address; `lines` come before postcode and city, `country` is ISO 3166-1 alpha-2."""

    name: str
    lines: tuple[str, ...] = ()
    postcode: str = ""
    city: str = ""
    country: str = ""
    vat_id: str = ""
    email: str = ""
    contact: str = ""
    iban: str = ""
    bic: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what is kept: only what is filled in."""
        return {name: list(value) if name == "lines" else value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Party":
        return cls(**{"name": "", **data, "lines": tuple(data.get("lines", ()))})


def seller() -> Party:
    """Return the shop as its invoices name it today."""
    issuer, account = settings.CHANNELS_ISSUER, settings.INVOICE_ACCOUNT
    *lines, last = [part.strip() for part in issuer["address"].split(",")]
    town = POSTCODE_AND_CITY.match(last)
    return Party(
        name=issuer["name"],
        lines=tuple(lines) if town else (*lines, last),
        postcode=town["postcode"] if town else "",
        city=town["city"] if town else "",
        country=issuer["country"],
        vat_id=issuer["vat_id"],
        email=account["email"],
        iban=account["iban"] or settings.PAYOUT_DEBTOR_IBAN,
        bic=account["bic"] if account["iban"] else settings.PAYOUT_DEBTOR_BIC,
    )


def buyer(order: Order) -> Party:
    """Return the company at its invoice address: the location's own, else the order's."""
    purchase = order.purchase
    location = purchase.location
    address = location.addresses.filter(kind="invoice").first() if location else None
    place = of_address(address or order.billing_address or order.shipping_address)
    company = purchase.company
    return Party(
        name=company.name,
        lines=_without(place.lines, company.name),
        postcode=place.postcode,
        city=place.city,
        country=place.country or company.country,
        vat_id=(location.vat_id if location else "") or company.vat_id,
        contact=place.contact,
    )


def delivery(order: Order) -> Party | None:
    """Return where the goods go; None when nothing is shipped."""
    if order.shipping_address is None:
        return None
    place = of_address(order.shipping_address)
    return Party(
        name=order.purchase.company.name,
        lines=_without(place.lines, order.purchase.company.name),
        postcode=place.postcode,
        city=place.city,
        country=place.country,
        contact=place.contact,
    )


def _without(lines: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Leave out the company's name, which many write into the address too."""
    return tuple(line for line in lines if line.casefold() != name.casefold())


def of_address(address: Any) -> Party:
    """Return an Oscar address as a party; the person becomes its contact."""
    if address is None:
        return Party(name="")
    return Party(
        name="",
        contact=f"{address.first_name} {address.last_name}".strip(),
        lines=tuple(line for line in (address.line1, address.line2, address.line3) if line),
        postcode=address.postcode or "",
        city=address.line4 or "",
        country=address.country_id,
    )
