"""Runs the rows of docs/algorithms/shipping.md."""

from datetime import date
from decimal import Decimal

from shop.fulfilment.desk_forms import read
from shop.fulfilment.engine.rules import Charge, Rule, amount, rule_for
from shop.fulfilment.services.requested import problem_with
from tests.docs.markdown_tables import Row

GROUPS = {"gold": 1, "silver": 2, "bronze": 3}
COMPANIES = ("Fjell", "Fjord")


def shipping_rule(row: Row) -> None:
    rules = [_rule(pk, text) for pk, text in enumerate(row["rules, oldest first"].split(), start=1)]
    found = rule_for(rules, company_key="Fjell", group_ids=(1, 2), country=row["country"])
    assert (str(found.charges[0].charge) if found else "none") == row["charge"]


def _rule(pk: int, text: str) -> Rule:
    who, _, rest = text.partition(":")
    where, _, charge = rest.partition("=")
    return Rule(
        pk=pk,
        method="standard",
        company_key=who if who in COMPANIES else "",
        group_id=GROUPS.get(who),
        countries=() if where == "*" else tuple(where.split("+")),
        is_offered=charge != "-",
        charges=() if charge == "-" else (Charge("EUR", 0, Decimal(charge)),),
    )


def shipping_charge(row: Row) -> None:
    steps = [read(line.split()) for line in row["charges"].split(" / ")]
    charges = tuple(Charge(step.currency, step.from_grams, step.charge, step.free_from) for step in steps)
    step = Rule(pk=1, method="standard", charges=charges).charge_for(currency="EUR", grams=int(row["grams"]))
    assert (str(amount(step, net=Decimal(row["goods"]))) if step else "none") == row["charge"]


def requested_day(row: Row) -> None:
    today = date.fromisoformat(row["today"].split()[0])
    assert today.strftime("%a") == row["today"].split()[1]
    why = problem_with(
        date.fromisoformat(row["asked for"]), today=today, first_day=int(row["working days"])
    )  # fmt: skip
    assert bool(why) is {"yes": False, "no": True}[row["possible"]]


ROW_CHECKS = {"shipping_rule": shipping_rule, "shipping_charge": shipping_charge, "requested_day": requested_day}
