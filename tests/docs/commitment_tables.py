"""Runs the rows of docs/algorithms/commitment.md."""

from datetime import date
from decimal import Decimal

from shop.catalogue.engine.terms import Offer, compare
from tests.docs.markdown_tables import Row

NONE = "–"


def amount(text: str) -> Decimal | None:
    return None if text == NONE else Decimal(text)


def commitment(row: Row) -> None:
    months = int(row["months"])
    offers = [Offer(1, "", "", amount(row["by month"]), 1), Offer(2, "", "", amount(row["term price"]), months)]
    found = compare(offers, today=date.fromisoformat(row["ordered on"]), quantity=int(row["quantity"]))
    term = next(term for term in found if term.product_id == 2)

    assert (term.total, term.monthly, term.saving) == (
        amount(row["total"]), amount(row["per month"]), amount(row["saved"]),
    )  # fmt: skip
    assert term.saving_percent == (None if row["percent"] == NONE else int(row["percent"]))
    assert (term.renews_on.isoformat(), term.notice_on.isoformat()) == (row["renews on"], row["notice by"])


ROW_CHECKS = {"commitment": commitment}
