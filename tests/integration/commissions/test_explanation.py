"""Every cent explained: to staff whole, to a partner its own side."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from channels.commissions.models import LedgerPosting, Statement
from channels.commissions.selectors import explanation
from channels.commissions.selectors.partner_explanation import explain_to_partner
from channels.commissions.services import payouts, schedule, statements
from channels.contracts import OrderEventKind
from channels.journeys.models import OrderRecord
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
NOON = make.NOON


@pytest.fixture
def order() -> OrderRecord:
    """A visit of Sor, a purchase through Nord, paid, released, stated, paid out, and refunded in part."""
    nord, sor = make.partner("nord", parent=make.partner("dist", kind="distributor")), make.partner("sor")
    make.policy()
    money.programme()
    make.company()
    make.touch(sor, NOON - timedelta(days=3), key="visit-1")
    order = make.order("ORD-A", through=nord)
    money.rated(money.happened(order, OrderEventKind.PAID, NOON + timedelta(days=1), key="paid-1"))
    schedule.run_due(now=NOON + timedelta(days=70))
    statement = Statement.objects.get(partner=nord)
    statements.approve(statement_id=statement.pk, at=NOON + timedelta(days=70))
    payout = payouts.create(statement_id=statement.pk, at=NOON + timedelta(days=70))
    payouts.record_payment(payout_id=payout.pk, reference="BANK-1", at=NOON + timedelta(days=71))
    money.refunded(order, NOON + timedelta(days=72), ("ORD-A/1", 0, 50_00))
    return order


def test_the_whole_story(order: OrderRecord) -> None:
    """The keys of the command's JSON, exactly; it survives being written and read."""
    story = explanation.explain_order(number="ORD-A")
    assert json.loads(json.dumps(story)) == story
    assert story["order"] == "ORD-A"
    wanted = ("line", "pool", "partner", "role", "share_bp")
    assert [tuple(row[name] for name in wanted) for row in story["credits"]] == [
        ("ORD-A/1", "influence", "sor", "influencer", 10_000),
        ("ORD-A/1", "override", "dist", "distributor", 10_000),
        ("ORD-A/1", "resale", "nord", "reseller", 10_000),
    ]
    assert {row["reason"] for row in story["credits"]} == {"The buyer picked nord as the reseller at checkout."}
    names = ("partner", "type", "base_minor", "rate_bp", "amount_minor", "currency", "state")
    assert sorted(tuple(row[name] for name in names) for row in story["accruals"]) == [
        ("dist", "OVERRIDE", -50_00, 200, -1_00, "EUR", "reversed"),
        ("dist", "OVERRIDE", 100_00, 200, 2_00, "EUR", "stated"),
        ("nord", "RESALE", -50_00, 1_500, -7_50, "EUR", "reversed"),
        ("nord", "RESALE", 100_00, 1_500, 15_00, "EUR", "paid"),
        ("sor", "INFLUENCE", -50_00, 500, -2_50, "EUR", "reversed"),
        ("sor", "INFLUENCE", 100_00, 500, 5_00, "EUR", "stated"),
    ]
    sums: dict[tuple[str, str], int] = {}
    for row in story["entries"]:
        assert {"account", "amount_minor", "currency", "posting"} <= row.keys()
        sums[row["posting"], row["currency"]] = sums.get((row["posting"], row["currency"]), 0) + row["amount_minor"]
    assert set(sums.values()) == {0}
    assert len(sums) == LedgerPosting.objects.filter(order=order).count() == 9
    assert {row["account"] for row in story["entries"] if row["kind"] == "reverse"} == {
        "Asset:Clawback", "Liability:Payable", "Expense:Commission:RESALE",
        "Expense:Commission:INFLUENCE", "Expense:Commission:OVERRIDE",
    }  # fmt: skip
    assert [row["key"] for row in story["touchpoints"]] == ["visit-1"]
    assert (story["attribution"]["step"], story["attribution"]["state"]) == ("reseller_pick", "done")
    assert [row["programme"] for row in story["ratings"]] == ["channel.v1", "channel.v1"]
    assert [row["number"] for row in story["statements"]] == [
        "ST-2026-04-EUR-DIST", "ST-2026-04-EUR-NORD", "ST-2026-04-EUR-SOR",
    ]  # fmt: skip
    assert [(row["partner"], row["amount_minor"], row["state"]) for row in story["payouts"]] == [
        ("nord", 15_00, "paid")
    ]


def test_shares_of_a_line_and_pool_are_whole(order: OrderRecord) -> None:
    """10,000 basis points or none."""
    pools: dict[tuple[str, str], int] = {}
    for row in explanation.explain_order(number="ORD-A")["credits"]:
        pools[row["line"], row["pool"]] = pools.get((row["line"], row["pool"]), 0) + row["share_bp"]
    assert set(pools.values()) == {10_000}


def test_a_partner_reads_its_own_side_only(order: OrderRecord) -> None:
    """Not the others' names, shares, amounts or codes; not even in a sentence."""
    sor = make.ChannelPartner.objects.get(code="sor")
    story = explain_to_partner(sor, number="ORD-A")
    text = json.dumps(story)
    for canary in ("nord", "dist", "Nord", "Fjord", "RESALE", "OVERRIDE"):
        assert canary not in text
    assert [(row["partner"], row["pool"], row["share_bp"]) for row in story["credits"]] == [
        ("sor", "influence", 10_000)
    ]
    assert [(row["type"], row["amount_minor"]) for row in story["accruals"]] == [
        ("INFLUENCE", 5_00), ("INFLUENCE", -2_50),
    ]  # fmt: skip
    assert {row["partner"] for row in story["entries"]} == {"sor"}
    assert [row["key"] for row in story["touchpoints"]] == ["visit-1"]
    assert [row["number"] for row in story["statements"]] == ["ST-2026-04-EUR-SOR"]
    assert story["payouts"] == []


def test_a_stranger_reads_nothing(order: OrderRecord) -> None:
    """An order that does not credit a partner is not there, in the same words as one that never was."""
    stranger = make.partner("ost")
    for number in ("ORD-A", "ORD-NEVER"):
        with pytest.raises(explanation.UnknownOrder, match=f"order {number} does not credit ost"):
            explain_to_partner(stranger, number=number)


def test_the_command_prints_json_and_text(order: OrderRecord) -> None:
    """The JSON is the selector's; the text tells it from touch to payout."""
    out = StringIO()
    call_command("explain_order", "ORD-A", "--format", "json", stdout=out)
    assert json.loads(out.getvalue()) == explanation.explain_order(number="ORD-A")
    out = StringIO()
    call_command("explain_order", "--latest", stdout=out)
    text = out.getvalue()
    steps = [
        "Order ORD-A of Fjord (NO), 2026-03-02",
        "sor: visit by field_sales",
        "step reseller_pick. The buyer picked nord as the reseller at checkout.",
        "Rated after paid-1 (done), programme channel.v1",
        "nord RESALE on ORD-A/1: EUR 15.00 (paid)",
        "Posting #1 accrue, 2026-03-03",
        "Statement ST-2026-04-EUR-NORD (paid) asks for EUR 15.00",
        "Payout of ST-2026-04-EUR-NORD: EUR 15.00 (paid)",
        "2026-05-12  BANK-1 confirmed",
    ]
    places = [text.find(step) for step in steps]
    assert -1 not in places, steps[places.index(-1)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Name one order, or pass --latest"),
        (("ORD-A", "--latest"), "Name one order, or pass --latest"),
        (("--latest",), "No order was placed yet"),
        (("ORD-NEVER",), "order ORD-NEVER was never recorded"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: tuple[str, ...], message: str) -> None:
    """One sentence, and nothing on standard output."""
    out = StringIO()
    with pytest.raises(CommandError, match=message):
        call_command("explain_order", *arguments, stdout=out)
    assert out.getvalue() == ""


def test_an_order_not_yet_attributed_is_explained_too() -> None:
    """With what is owed to it, and why nothing is there."""
    make.order("ORD-A")
    story = explanation.explain_order(number="ORD-A")
    assert (story["credits"], story["accruals"], story["entries"]) == ([], [], [])
    assert story["attribution"]["state"] == "pending"
    out = StringIO()
    call_command("explain_order", "ORD-A", stdout=out)
    assert "Attribution 1 (pending)" in out.getvalue()
