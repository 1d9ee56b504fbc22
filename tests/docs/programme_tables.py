"""Runs the rows of docs/algorithms/commission.md about conditions, rates, limits and renewals."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

from channels.commissions.engine.brackets import added
from channels.commissions.engine.conditions import Conditions
from channels.commissions.engine.facts import CreditFact, RatedLine, Rating
from channels.commissions.engine.matching import anchor_of, business_of
from channels.commissions.engine.programme import Limit, ProgrammeTerms, Rule, StepDown
from channels.commissions.engine.rating import rate_line, rate_order
from channels.commissions.engine.renewals import (
    is_held_out,
    shares_by_days,
    unexpired_minor,
    upgrade_parts,
    uplift_minor,
)
from channels.core.money import share_of
from channels.core.terms import TermsReader
from tests.docs.markdown_tables import Row, numbers

SOLD_ON = date(2026, 3, 15)
LINE = RatedLine(key="1", net_minor=100_000, currency="EUR", sold_on=SOLD_ON, customer="fjord")
CREDIT = CreditFact("resale", "A", 10_000)
KINDS = {item.name: item.type for kind in (RatedLine, CreditFact) for item in fields(kind)}
ON_CREDIT = {item.name for item in fields(CreditFact)}
STEPS = ((0, 500), (1_000_000, 1_000))


def paid(rating: Rating) -> list[int]:
    return [target.amount_minor for target in rating.targets]


def conditions(row: Row) -> None:
    name, _, wanted = row["condition"].partition(": ")
    terms = ProgrammeTerms(rules=(Rule("r", "RESALE", 1_000, conditions=_condition(name, wanted)),))
    line, credit = _facts(row["holds for"])
    assert paid(rate_line(line, [credit], terms)) == [10_000]
    line, credit = _facts(row["refused for"])
    refused = rate_line(line, [credit], terms)
    assert refused.targets == ()
    (skip,) = refused.skipped
    assert skip.reason == row["code"]
    assert skip.text.startswith("Rule r ")
    assert skip.text.endswith(".")


def _condition(name: str, text: str) -> Conditions:
    value: Any = {"yes": "yes", "no": "no"}.get(text, text)
    default = getattr(Conditions(), name)
    if isinstance(default, tuple):
        value = text.split()
    elif name == "steward_accepted":
        value = text == "yes"
    elif text.isdecimal():
        value = int(text)
    reader = TermsReader({name: value})
    found = Conditions.read(reader)
    reader.raise_problems()
    return found


def _facts(text: str) -> tuple[RatedLine, CreditFact]:
    line, credit = LINE, CREDIT
    for part in text.split(", "):
        name, *words = part.split(" ")
        value: Any = words[0]
        if "tuple" in KINDS[name]:
            value = tuple(words)
        elif "bool" in KINDS[name]:
            value = words[0] == "yes"
        elif "int" in KINDS[name]:
            value = int(words[0])
        elif "date" in KINDS[name]:
            value = date.fromisoformat(words[0])
        if name in ON_CREDIT:
            credit = replace(credit, **{name: value})
        else:
            line = replace(line, **{name: value})
    return line, credit


def steps(row: Row) -> None:
    rule = Rule("r", "RESALE", 800, step_down=(StepDown(24, 500),), duration_months=36)
    line = replace(LINE, anchor_on=date.fromisoformat(row["anchor"]), sold_on=date.fromisoformat(row["sold"]))
    rating = rate_line(line, [CREDIT], ProgrammeTerms(rules=(rule,)))
    found = [str(target.rate_bp) for target in rating.targets] + [skip.reason for skip in rating.skipped]
    assert found == [row["rate"]]


def flat(row: Row) -> None:
    rule = Rule("r", "RESALE", rate_kind=row["kind"], flat_minor={"EUR": int(row["flat"])})
    facts = [part.split() for part in row["credits"].split(", ")]
    credits = [CreditFact("resale", partner, int(share)) for partner, share in facts]
    together = zip(numbers(row["lines sold"]), numbers(row["net left"]), numbers(row["units left"]), strict=True)
    lines = [
        replace(LINE, key=str(place), sold_net_minor=sold, net_minor=left, quantity=units)
        for place, (sold, left, units) in enumerate(together)
    ]
    rating = rate_order([(line, credits) for line in lines], ProgrammeTerms(rules=(rule,)))
    assert ", ".join(f"{target.partner} {target.amount_minor}" for target in rating.targets) == row["earned"]


def brackets(row: Row) -> None:
    for kind in ("slab", "marginal", "retroactive"):
        found = added(kind, STEPS, before_minor=int(row["before"]), base_minor=int(row["order"]))
        assert found == int(row[kind]), kind


def limits(row: Row) -> None:
    said = tuple(
        Limit(kind, per, {"EUR": int(bound)}) for kind, per, bound in map(str.split, row["limits"].split(", "))
    )
    rule = Rule("r", "RESALE", 1_000, limits=said)
    lines = [(replace(LINE, key=str(n), net_minor=net), [CREDIT]) for n, net in enumerate(numbers(row["bases"]))]
    scopes = ("customer fjord", "2026-03", "2026-Q1", "2026")
    before = {f"paid:r:A:EUR:{scope}": int(row["before"]) for scope in scopes}
    rating = rate_order(lines, ProgrammeTerms(rules=(rule,)), before=before)
    assert [target.uncapped_minor for target in rating.targets] == numbers(row["uncapped"])
    assert paid(rating) == numbers(row["paid"])


def counters(rows: tuple[Row, ...]) -> None:
    terms = ProgrammeTerms(rules=(Rule("r", "RESALE", 1_000, limits=(Limit("cap", "month", {"EUR": 1_000}),)),))
    name, frozen, used, total = "paid:r:A:EUR:2026-03", {}, {}, 0
    for row in rows:
        order = row["order"]
        assert total == int(row["cap counter before"])
        frozen.setdefault(order, total)
        line = replace(LINE, key=order, net_minor=int(row["uncapped"]) * 10)
        rating = rate_order([(line, [CREDIT])], terms, before={name: frozen[order]})
        assert paid(rating) == [int(row["paid"])]
        total += rating.used[name] - used.get(order, 0)
        used[order] = rating.used[name]
        assert total == int(row["cap counter after"])


def upgrades(row: Row) -> None:
    sold, left, previous = (int(row[name]) for name in ("renewed for", "left after refunds", "term before"))
    expected = [int(row["RENEWAL base"]), int(row["EXPANSION base"])]
    if sold > previous:
        assert list(upgrade_parts(left, sold, previous)) == expected
    terms = ProgrammeTerms(rules=(Rule("r", "RENEWAL", 10_000), Rule("x", "EXPANSION", 10_000)))
    line = replace(LINE, cycle=1, net_minor=left, sold_net_minor=sold, previous_net_minor=previous)
    found = {
        target.type: target.base_minor for target in rate_line(line, [replace(CREDIT, pool="renewal")], terms).targets
    }
    assert [found.get("RENEWAL", 0), found.get("EXPANSION", 0)] == expected


def win_back(row: Row) -> None:
    pauses = [part.split() for part in row["pauses"].split(", ") if part]
    line = replace(
        LINE,
        cycle=2,
        sold_on=date.fromisoformat(row["sold"]),
        anchor_on=date.fromisoformat(row["first order"]),
        lapses=tuple((date.fromisoformat(began), int(days)) for began, _, days, _ in pauses),
    )
    assert business_of(line, 90) == row["business"]
    assert anchor_of(line, 90).isoformat() == row["counts from"]
    rule = Rule("r", "RESALE", 1_000, conditions=Conditions(cycle=row["business"]))
    assert paid(rate_line(line, [CREDIT], ProgrammeTerms(rules=(rule,), win_back_days=90))) == [10_000]
    assert business_of(line, None) == "renewal"
    assert anchor_of(line, None).isoformat() == row["first order"]


def unexpired(row: Row) -> None:
    days = [date.fromisoformat(row[name]) for name in ("from", "to", "ends on")]
    assert unexpired_minor(int(row["net of the term"]), *days) == int(row["not served"])


def steward_days(row: Row) -> None:
    stewards = [part.split() for part in row["stewards"].split(", ")]
    found = shares_by_days(
        [(partner, date.fromisoformat(since)) for partner, since in stewards],
        date.fromisoformat(row["term from"]),
        date.fromisoformat(row["to"]),
    )
    assert ", ".join(f"{partner} {share}" for partner, share in found) == row["shares"]


def held_out(row: Row) -> None:
    number = int(row["number"])
    assert not is_held_out(row["company"], number)
    assert is_held_out(row["company"], number + 1)
    for share in (5_000, 9_000):
        assert is_held_out(row["company"], share) is (row[f"at {share} bp"] == "held out")


def uplift(row: Row) -> None:
    found = uplift_minor(int(row["base"]), int(row["renewal rate"]), int(row["baseline"]))
    assert found == int(row["uplift"])
    credit = CreditFact(
        "renewal", "A", 10_000, renewal_rate_bp=int(row["renewal rate"]), baseline_rate_bp=int(row["baseline"])
    )
    terms = ProgrammeTerms(rules=(Rule("r", "RENEWAL", 1_000, base="uplift"),))
    line = replace(LINE, cycle=1, net_minor=int(row["base"]))
    assert paid(rate_line(line, [credit], terms)) == [share_of(found, 1_000)]


def overrides(row: Row) -> None:
    terms = ProgrammeTerms(rules=(Rule("r", "RESALE", 1_000), Rule("o", "OVERRIDE", 200)), override=row["override"])
    line = replace(LINE, net_minor=int(row["net left"]))
    rating = rate_line(line, [CREDIT, CreditFact("override", "D", 10_000)], terms)
    found = {target.type: target.amount_minor for target in rating.targets}
    assert [found["RESALE"], found["OVERRIDE"]] == [int(row["resale at 10 %"]), int(row["override at 2 %"])]


ROW_CHECKS = {
    "conditions": conditions,
    "steps": steps,
    "flat": flat,
    "brackets": brackets,
    "limits": limits,
    "upgrades": upgrades,
    "win_back": win_back,
    "unexpired": unexpired,
    "steward_days": steward_days,
    "held_out": held_out,
    "uplift": uplift,
    "overrides": overrides,
}
TABLE_CHECKS = {"counters": counters}
