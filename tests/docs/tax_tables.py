"""Runs the rows of docs/algorithms/tax.md, with the rates that a new store has."""

from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module
from types import SimpleNamespace

import pytest

from shop.tax.engine import rules, sales
from shop.tax.engine.rounding import shares
from shop.tax.engine.sales import (
    BuyerFacts,
    Exemption,
    NoRate,
    Rate,
    Registered,
    Sale,
    SaleLine,
    SellerFacts,
    Treatment,
    VatAnswer,
)
from tests.docs.markdown_tables import Row


@cache
def seeded_rates() -> tuple[Rate, ...]:
    """Return the rates that the migration writes; without a database, so by its own function."""
    written: list[SimpleNamespace] = []

    class Rows(SimpleNamespace):
        objects = SimpleNamespace(bulk_create=written.extend, create=lambda **_values: None)

    apps = SimpleNamespace(get_model=lambda *_name: Rows)
    import_module("shop.tax.migrations.0002_standard_rates").write(apps, None)
    return tuple(Rate(row.country, row.code, row.rate, row.valid_from, row.valid_to) for row in written)


def tax(row: Row) -> None:
    country, *others = row["seller"].split("+")
    exemptions = (Exemption(country=row["certificate"]),) if row["certificate"] else ()
    exemptions += (Exemption(),) if row["profile"] == "exempt" else ()
    *kind, what = row["line"].split()
    sale = Sale(
        on=date.fromisoformat(row["day"]),
        seller=SellerFacts(
            code="accord",
            country=country,
            without_vat_id=row["else"],
            registrations=tuple(Registered(other, date(2020, 1, 1)) for other in others),
        ),
        buyer=BuyerFacts(
            country=row["buyer"], vat=_vat(row["id"]), exemptions=exemptions, is_taxed=row["profile"] == "standard"
        ),
        ship_to=row["ship to"],
        lines=(SaleLine(what == "goods", kind[0] if kind else sales.STANDARD),),
    )
    if row["rate"] == "none":
        with pytest.raises(NoRate):
            rules.quote(sale, seeded_rates())
        return
    quote = rules.quote(sale, seeded_rates())
    (found,) = quote.treatments
    assert (found.rate * 100, found.reason) == (Decimal(row["rate"]), row["reason"])
    assert ("vat" in quote.evidence) is bool(row["id"])
    assert ("exemptions" in quote.evidence) is (row["reason"] == sales.EXEMPT)


def _vat(text: str) -> VatAnswer:
    if not text:
        return VatAnswer()
    country, result = text.split()
    return VatAnswer(vat_id=f"{country}123456789", result=result, source="VIES", checked_at="2026-03-01")


def tax_shares(row: Row) -> None:
    treatment = Treatment(Decimal(row["percent"]) / 100, sales.DOMESTIC, "NO")
    found = shares([(Decimal(net), treatment) for net in row["net"].split()], rounding=row["rounding"])
    assert found == [Decimal(part) for part in row["taxes"].split()]
    assert sum(found) == Decimal(row["total"])


ROW_CHECKS = {"tax": tax, "tax_shares": tax_shares}
