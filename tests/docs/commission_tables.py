"""Runs the rows of docs/algorithms/commission.md, with the programme printed on that page."""

import json
import re
from datetime import UTC, date, datetime

from channels.commissions.engine import ledger, statements
from channels.commissions.engine.delta import deltas
from channels.commissions.engine.facts import CreditFact, RatedLine
from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.engine.rating import rate_line
from channels.core.periods import add_months
from tests.docs.markdown_tables import ALGORITHMS, Row, numbers

SOLD_ON = date(2026, 3, 15)
CREDIT = re.compile(r"(?P<partner>\w+)(:(?P<tier>\w+))?(/(?P<role>\w+))? (?P<share>\d+)")
POSTING = re.compile(r"(accrue|release|pay|confirm|return) (\d+)")
REFUND = re.compile(r"refund (\d+) while (\d+) held and (\d+) payable")
NETTING = re.compile(r"net (\d+) payable against (\d+) clawback")


def programme() -> ProgrammeTerms:
    page = (ALGORITHMS / "commission.md").read_text(encoding="utf-8")
    printed = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert printed
    return ProgrammeTerms.from_json(json.loads(printed[1]))


def credit_facts(pool: str, text: str) -> list[CreditFact]:
    facts = []
    for item in text.split(", "):
        found = CREDIT.fullmatch(item)
        assert found, item
        facts.append(
            CreditFact(
                pool=pool,
                partner=found["partner"],
                share_bp=int(found["share"]),
                role=found["role"] or "",
                tier=found["tier"] or "",
            )
        )
    return facts


def line_of(*, net: int, cost: int = 0, cycle: int = 0, months: int = 0) -> RatedLine:
    return RatedLine(
        key="1",
        net_minor=net,
        currency="EUR",
        sold_on=SOLD_ON,
        cost_minor=cost,
        cycle=cycle,
        anchor_on=add_months(SOLD_ON, -months),
    )


def rating(row: Row) -> None:
    months = int(row["months since first order"])
    line = line_of(net=int(row["net"]), cost=int(row["cost"]), cycle=int(row["cycle"]), months=months)
    result = rate_line(line, credit_facts(row["pool"], row["credits"]), programme())
    assert ", ".join(f"{target.partner} {target.amount_minor}" for target in result.targets) == row["earned"]
    assert {target.rule_id for target in result.targets} == ({row["rule"]} if row["rule"] else set())


def cap(row: Row) -> None:
    facts = [
        CreditFact("resale", "R", 10_000, tier=row["resale tier"]),
        CreditFact("influence", "A", 10_000),
        CreditFact("override", "D", 10_000),
    ]
    result = rate_line(line_of(net=100_000, cost=int(row["cost"])), facts, programme())
    by_type = {target.type: target for target in result.targets}
    ordered = [by_type[name] for name in ("RESALE", "INFLUENCE", "OVERRIDE")]
    assert [target.uncapped_minor for target in ordered] == numbers(row["uncapped resale, influence, override"])
    assert [target.amount_minor for target in ordered] == numbers(row["paid resale, influence, override"])


def refunds(rows: tuple[Row, ...]) -> None:
    facts = credit_facts("referral", "A 6000, B 4000")
    posted: dict[tuple[str, str, str], tuple[int, int]] = {}
    for row in rows:
        targets = rate_line(line_of(net=int(row["net left"])), facts, programme()).targets
        now = {"A": 0, "B": 0}
        for delta in deltas(targets, posted):
            key = (delta.line_key, delta.partner, delta.type)
            base, amount = posted.get(key, (0, 0))
            posted[key] = (base + delta.base_minor, amount + delta.amount_minor)
            now[delta.partner] = delta.amount_minor
        sums = {partner: amount for (_, partner, _), (_, amount) in posted.items()}
        for partner in "AB":
            assert now[partner] == int(row[f"posted now for {partner}"]), row
            assert sums[partner] == int(row[f"sum for {partner}"]), row


def postings(row: Row) -> None:
    entries = _posting(row["what happens"])
    assert ", ".join(f"{entry.account} {entry.amount_minor}" for entry in entries) == row["entries"]
    assert ledger.is_balanced(entries)


def _posting(text: str) -> ledger.Entries:
    who = {"partner": "A", "currency": "EUR"}
    if found := REFUND.fullmatch(text):
        amount, held, payable = map(int, found.groups())
        owed = ledger.Owed(held_minor=held, payable_minor=payable)
        return ledger.reverse(commission_type="RESALE", amount_minor=amount, owed=owed, **who)
    if found := NETTING.fullmatch(text):
        payable, clawback = map(int, found.groups())
        return ledger.net_clawback(payable_minor=payable, clawback_minor=clawback, **who)
    simple = POSTING.fullmatch(text)
    assert simple, text
    verb, amount = simple[1], int(simple[2])
    if verb == "accrue":
        return ledger.accrue(commission_type="RESALE", amount_minor=amount, **who)
    function = {
        "release": ledger.release,
        "pay": ledger.pay,
        "confirm": ledger.payout_confirmed,
        "return": ledger.payout_returned,
    }[verb]
    return function(amount_minor=amount, **who)


def holds(row: Row) -> None:
    terms = ProgrammeTerms(hold_days=int(row["hold days"]), return_window_days=int(row["return window"]))
    delivered = _day(row["delivered"]) if row["delivered"] else None
    assert terms.held_until(paid_at=_day(row["paid"]), delivered_at=delivered) == _day(row["held until"])


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def statement(row: Row) -> None:
    totals = statements.total(
        opening_minor=int(row["opening"]),
        movements=[statements.Movement("accrued", amount) for amount in numbers(row["movements"])],
        minimum_payable_minor=int(row["minimum"]),
    )
    assert totals.closing_minor == int(row["closing"])
    assert totals.payable_minor == int(row["payable"])
    assert totals.carried_minor == int(row["carried over"])


ROW_CHECKS = {"rating": rating, "cap": cap, "postings": postings, "holds": holds, "statements": statement}
TABLE_CHECKS = {"refunds": refunds}
