"""Runs the rows of docs/algorithms/renewals.md."""

from datetime import date
from decimal import Decimal

from shop.subscriptions.engine.dates import meeting
from shop.subscriptions.engine.prices import Rise, due, proposed
from shop.subscriptions.engine.proration import Period, difference, fee, spread
from tests.docs.markdown_tables import Row

NONE = "–"


def amount(text: str) -> Decimal | None:
    return None if text == NONE else Decimal(text)


def renewal_meeting(row: Row) -> None:
    found = meeting(
        date.fromisoformat(row["renews on"]), date.fromisoformat(row["common date"]), int(row["every (months)"])
    )
    assert found == (date.fromisoformat(row["short period ends"]), int(row["then together after (intervals)"]))


def renewal_price(row: Row) -> None:
    cap = None if row["cap bp"] == NONE else int(row["cap bp"])
    rise = Rise(rule=row["rule"], uplift_bp=int(row["uplift bp"]), cap_bp=cap)
    old = Decimal(row["old"])
    asked = proposed(rise, old=old, of_day=amount(row["of the day"]))
    assert asked == Decimal(row["proposed"])
    is_contract = row["in a contract"] == "yes"
    charged = due(rise, old=old, asked=asked, agreed=amount(row["accepted"]), is_contract=is_contract)
    assert charged == Decimal(row["charged"])


def renewal_proration(row: Row) -> None:
    period = Period(*(date.fromisoformat(text) for text in row["period"].split(" to ")))
    on = date.fromisoformat(row["changed on"])
    (old_units, old_price), (new_units, new_price) = (row[name].split(" × ") for name in ("before", "after"))
    assert period.left(on) == int(row["days left"])
    found = difference((Decimal(old_price), int(old_units)), (Decimal(new_price), int(new_units)), period, on=on)
    assert found == Decimal(row["difference"])
    units = int(row["units ordered"])
    price, over = spread(found, units) if units else (Decimal(0), -found)
    assert (price, over) == (Decimal(row["price of each"]), Decimal(row["credit"]))


def renewal_fee(row: Row) -> None:
    found = fee(Decimal(row["price of an interval"]), int(row["intervals left"]), int(row["rate bp"]))
    assert found == Decimal(row["fee"])


ROW_CHECKS = {
    "renewal_meeting": renewal_meeting,
    "renewal_price": renewal_price,
    "renewal_proration": renewal_proration,
    "renewal_fee": renewal_fee,
}
