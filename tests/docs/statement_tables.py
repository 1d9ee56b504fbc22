"""Runs the rows of docs/algorithms/statements.md."""

import re
from fractions import Fraction

from channels.commissions.engine import statements
from channels.commissions.engine.currency import Rate, quotation
from channels.commissions.selectors.approvals import Limit
from tests.docs.markdown_tables import Row, numbers

RATE = re.compile(r"(\w{3})/(\w{3}) ([\d.]+)")


def asked(row: Row) -> None:
    totals = statements.total(
        opening_minor=int(row["opening"]),
        movements=[statements.Movement("released", amount) for amount in numbers(row["movements"])],
        asked_before_minor=int(row["asked before"]),
        minimum_payable_minor=int(row["smallest"]),
        is_paid_here=row["paid here"] == "yes",
    )
    assert totals.closing_minor == int(row["closing"])
    assert (totals.payable_minor, totals.carried_minor) == (int(row["to be paid"]), int(row["carried over"]))


def conversion(row: Row) -> None:
    rates = [Rate(base, quote, Fraction(text)) for base, quote, text in RATE.findall(row["rates"])]
    found = quotation(row["from"], row["to"], rates)
    assert ("" if found is None else str(found.convert(int(row["amount"])))) == row["result"]


def approval(row: Row) -> None:
    reported = None if row["asks for, reported"] == "none" else int(row["asks for, reported"])
    assert Limit("EUR", int(row["limit"]), reported).people == int(row["people"])


ROW_CHECKS = {"asked": asked, "conversion": conversion, "approval": approval}
