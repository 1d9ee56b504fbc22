"""Runs the rows of docs/algorithms/harmony.md."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from channels.harmony.engine import costs, guard
from channels.harmony.engine.proof import Sale, prove
from channels.harmony.engine.terms import (
    Advertised,
    PartnerTerms,
    Product,
    Term,
    buy_price,
    extended_buy_price,
    floor_of,
)
from tests.docs.markdown_tables import Row

DAY = datetime(2026, 3, 1, tzinfo=UTC)
PRODUCT = Product(sku="S", product_class="hardware", list_minor=10_000, currency="EUR")
MARGIN = 1_000


def terms_of(text: str) -> tuple[Term, ...]:
    made = []
    for number, item in enumerate(text.split(", ")):
        scope, value = item.split(" ")
        made.append(
            Term(
                id=number,
                valid_from=DAY,
                sku="S" if scope in {"sku", "promo"} else "",
                product_class="hardware" if scope == "class" else "",
                discount_bp=int(value[:-1]) * 100 if value.endswith("%") else None,
                price_minor=None if value.endswith("%") else int(value),
                currency="EUR",
                is_promotion=scope == "promo",
            )
        )
    return tuple(made)


def buy_prices(row: Row) -> None:
    found = buy_price(terms_of(row["terms"]), PRODUCT, at=DAY)
    assert str(found.minor if found else "") == row["buy price"]
    assert str(floor_of(found.minor, MARGIN) if found else "") == row["floor"]


def guarded(row: Row) -> None:
    partner = PartnerTerms(partner=1, code="p", name="P", margin_bp=MARGIN, terms=terms_of("sku 7000"))
    minima = []
    if row["MAP"]:
        minima = [Advertised(id=1, sku="S", price_minor=int(row["MAP"]), currency="EUR", valid_from=DAY)]
    proposal = guard.Proposal(
        key="k", sku="S", title="S", product_class="hardware", quantity=int(row["quantity"]),
        direct_minor=int(row["direct"]), list_minor=10_000, currency="EUR",
    )  # fmt: skip
    found = guard.check([proposal], [partner], minima, at=DAY)
    assert ", ".join(f"{finding.kind} {finding.gap_minor}" for finding in found) == row["gaps"]


def extended(row: Row) -> None:
    margin, direct = basis_points(row["minimum margin"]), int(row["direct"])
    found = extended_buy_price(
        buy_minor=int(row["buy"]), margin_bp=margin, direct_minor=direct, list_minor=int(row["list"])
    )
    assert found == int(row["new buy price"])
    assert floor_of(found, margin) <= direct


def proven(row: Row) -> None:
    cost_share, cost = row["cost"].split(" + ")
    sale = Sale(
        quantity=int(row["quantity"]),
        net_minor=int(row["net"]),
        share_bp=basis_points(row["share"]),
        buy_minor=int(row["buy"]),
        floor_minor=int(row["floor"]),
        cost_bp=basis_points(cost_share),
        cost_minor=int(cost),
        guarantee_bp=basis_points(row["g"]),
    )
    worth = prove(sale, net_left_minor=int(row["left"]), quantity_left=sale.quantity, credited_minor=int(row["C"]))
    found = [worth.resale_minor, worth.margin_minor, worth.promised_minor, worth.deficit_minor]
    assert found == [int(row[name]) for name in ("R", "M", "promised", "top-up")]


def staged(row: Row) -> None:
    orders = []
    for number, item in enumerate(filter(None, row["orders"].split(", "))):
        day, channel, *renewal = item.split(" ")
        at = DAY + timedelta(days=int(day))
        orders.append(costs.OrderFact(number, 1, channel, int(bool(renewal)), "EUR", 100, at))
    at = DAY + timedelta(days=int(row["touch on day"]))
    touch = costs.TouchFact(at, 1, "visit", "field_sales", 7, "EUR")
    assert ", ".join(costs.stages_of(orders).values()) == row["stages"]
    report = costs.cost_of_selling(orders, [touch], (), (), start=DAY, end=DAY + timedelta(days=8))
    [(channel, stage, _)] = [key for key, cell in report.cells.items() if cell.touches_minor]
    assert f"{channel} {stage}" == row["touch counts as"]


def basis_points(text: str) -> int:
    return int(Decimal(text.removesuffix(" %")) * 100)


ROW_CHECKS = {"buy_price": buy_prices, "guard": guarded, "extended": extended, "proof": proven, "stages": staged}
