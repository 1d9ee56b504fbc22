"""A draft on past orders: exact sums, and the same facts as the rating's."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import Accrual, ProgrammeVersion, SimulationRun
from channels.commissions.selectors import replay, targets
from channels.commissions.selectors.programmes import Published
from channels.commissions.selectors.trial import try_order
from channels.commissions.services import disputes, reviews, simulations
from channels.contracts import OrderEventKind
from shop.operations import schedule
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.integration.commissions.pasts import NOON, SINCE, UNTIL, days, draft, result_of, terms, world

pytestmark = pytest.mark.django_db


def test_a_draft_is_held_against_what_was_really_posted() -> None:
    """15 % of 800 and of 500 was posted; the draft pays 20 % and 10 %: who wins, who loses, and the sums."""
    gold, silver = world()
    found = result_of(terms())
    assert (found["orders"], found["lines"], found["changed_orders"]) == (3, 3, 2)
    assert found["totals"] == [{"currency": "EUR", "then_minor": 195_00, "now_minor": 210_00}]
    assert [(int(row["partner"]), row["then_minor"], row["now_minor"]) for row in found["partners"]] == [
        (gold.pk, 120_00, 160_00),
        (silver.pk, 75_00, 50_00),
    ]
    assert [(row["tier"], row["then_minor"], row["now_minor"]) for row in found["tiers"]] == [
        ("gold", 120_00, 160_00),
        ("silver", 75_00, 50_00),
    ]
    assert found["types"] == [{"type": "RESALE", "currency": "EUR", "then_minor": 195_00, "now_minor": 210_00}]
    assert found["cap_hits"] == []


def test_the_terms_in_force_change_nothing() -> None:
    """Replaying what was rated gives what was posted, to the cent."""
    world()
    found = result_of(ProgrammeVersion.objects.get().terms)
    assert found["totals"] == [{"currency": "EUR", "then_minor": 195_00, "now_minor": 195_00}]
    assert found["changed_orders"] == 0


def decided_world() -> None:
    """Beside the plain orders: a rejected credit of two, one that waits for a person, an override, an open dispute, a cap."""
    gold, silver = world()
    by, other = make.user(), make.user()
    self_referral = money.credited("R", lines=(make.line("R/1", 300_00),), placed_at=NOON + days(3))
    money.credit(self_referral.attribution_runs.get(), (gold, "referral", 6_000), held=True)
    money.credit(self_referral.attribution_runs.get(), (silver, "referral", 4_000))
    money.paid(self_referral)
    held = Accrual.objects.get(order=self_referral, partner=gold)
    reviews.reject(accrual_id=held.pk, at=NOON + days(5), by=by, reason="Your own company.")
    schedule.heal(now=NOON + days(5))
    waiting = money.credited("W", placed_at=NOON + days(3))
    money.credit(waiting.attribution_runs.get(), (gold, "referral", 10_000), held=True)
    money.paid(waiting)
    anew = money.credited("O", (gold, "resale", 10_000), placed_at=NOON + days(4))
    money.paid(anew)
    money.attributed_anew(anew, (gold, "resale", 2_500), (silver, "resale", 7_500))
    schedule.heal(now=NOON + days(6))
    for number in ("FROZEN", "ADJUSTED"):
        money.paid(money.credited(number, (silver, "resale", 10_000), placed_at=NOON + days(4)))
        found = disputes.dispute_credit(
            partner_id=silver.pk, order_number=number, kind="share", reason="We did more.", at=NOON + days(6), by=other
        )
    disputes.take_up(dispute_id=found.pk, at=NOON + days(6), by=by)
    disputes.uphold_with_adjustment(
        dispute_id=found.pk, line_key="ADJUSTED/1", amount_minor=5_00, answer="You did.", at=NOON + days(7), by=other
    )
    schedule.heal(now=NOON + days(7))


@pytest.mark.slow
def test_the_terms_in_force_change_nothing_whatever_people_decided() -> None:
    """A rejected credit pays nobody; a waiting one, an override, a disputed one count as they stand, adjustments not at all."""
    decided_world()
    assert Accrual.objects.filter(order__number="R", type="REFERRAL").count() == 3
    found = result_of(ProgrammeVersion.objects.get().terms)
    rated = Accrual.objects.exclude(type="ADJUSTMENT")
    assert rated.count() == Accrual.objects.count() - 1
    posted = rated.aggregate(total=Sum("amount_minor"))["total"]
    assert found["totals"] == [{"currency": "EUR", "then_minor": posted, "now_minor": posted}]
    assert found["orders"] == 8
    assert found["changed_orders"] == 0
    assert [row["then_minor"] == row["now_minor"] for row in found["partners"]] == [True, True]


def test_an_order_without_a_rating_is_tried_with_what_a_rating_would_see() -> None:
    """It is not paid, so nothing of it is frozen: it is still a later order of a customer that began before."""
    _gold, silver = world()
    terms_now = ProgrammeTerms.from_json(
        terms([{"id": "r", "type": "RESALE", "rate_bp": 1_000, "first_sale_only": True}])
    )
    tried = try_order("C", terms_now)
    assert tried is not None
    [line] = tried.lines
    assert (tried.is_paid, tried.now_minor) == (False, 0)
    assert [row.partner for row in line.rows] == [silver]


def test_the_period_is_half_open() -> None:
    """An order at `since` is in, one at `until` is not."""
    world()
    assert result_of(terms(), NOON, NOON + days(1))["orders"] == 1
    assert result_of(terms(), NOON, NOON + days(1) + timedelta(microseconds=1))["orders"] == 2
    with pytest.raises(simulations.EmptyPeriod):
        result_of(terms(), NOON, NOON)


def test_tiers_are_those_of_the_first_rating() -> None:
    """A partner that was promoted since is replayed as what it was."""
    _gold, silver = world()
    silver.tier = "gold"
    silver.save()
    assert [row["now_minor"] for row in result_of(terms())["partners"]] == [160_00, 50_00]


def test_the_total_cap_is_counted() -> None:
    """Each commission that it cuts, and by how much in all: 20 % of 800 in two lines and 10 % of 500, capped at 10 %."""
    world()
    found = result_of(terms(total_cap_bp=1_000))
    assert found["totals"][0]["now_minor"] == 130_00
    assert found["cap_hits"] == [
        {"cap": "total_cap", "rule": "", "currency": "EUR", "commissions": 2, "cut_minor": 80_00}
    ]


def test_counters_of_a_period_begin_with_it() -> None:
    """Brackets of a year know what was sold in it before the first day that is looked at, and count only what is paid."""
    world()
    brackets = [{"from_minor": {"EUR": 0}, "rate_bp": 500}, {"from_minor": {"EUR": 700_00}, "rate_bp": 1_000}]
    raw = terms([{"id": "resale", "type": "RESALE", "rate_kind": "marginal", "brackets": brackets}])
    gold = make.partner("later")
    money.paid(
        money.credited("D", (gold, "resale", 10_000), lines=(make.line("D/1", 600_00),), placed_at=NOON - days(20))
    )
    money.paid(
        money.credited("E", (gold, "resale", 10_000), lines=(make.line("E/1", 300_00),), placed_at=NOON + days(9))
    )
    found = result_of(raw, NOON + days(9), UNTIL)
    assert found["orders"] == 1
    assert found["totals"] == [{"currency": "EUR", "then_minor": 45_00, "now_minor": 25_00}]


def test_a_cap_of_a_rule_names_it() -> None:
    world()
    limit = {"kind": "cap", "per": "month", "amount_minor": {"EUR": 50_00}}
    found = result_of(terms([{"id": "resale", "type": "RESALE", "rate_bp": 1_000, "limits": [limit]}]))
    assert [(row["then_minor"], row["now_minor"]) for row in found["partners"]] == [(120_00, 50_00), (75_00, 50_00)]
    assert {(row["cap"], row["rule"]) for row in found["cap_hits"]} == {("month_cap", "resale")}
    assert sum(row["cut_minor"] for row in found["cap_hits"]) == 30_00


@pytest.mark.parametrize("chunk", [1, 2, 500])
def test_the_facts_are_those_of_the_rating(chunk) -> None:
    """Read by columns or order by order: the engine is asked the same."""
    world()
    make.company("harbour", segment="marine")
    chunks = list(replay.past_orders(since=SINCE, until=UNTIL, chunk=chunk))
    assert [len(part) for part in chunks] == {1: [1, 1, 1], 2: [2, 1], 500: [3]}[chunk]
    found = {order.number: order for part in chunks for order in part}
    published = Published()
    for order in targets.orders_with_facts():
        facts = targets.facts_of(order, published)
        assert [(line, list(shares)) for line, shares in found[order.number].lines] == asked(facts)


def asked(facts):
    """What the rating asks the engine."""
    return [
        (
            targets._rated_line(line, facts),
            [targets._credit_fact(credit, facts.frozen) for credit in facts.credits if credit.line_id == line.pk],
        )
        for line in facts.lines
        if facts.paid_at
    ]


@pytest.mark.parametrize("orders", [1, 3])
def test_reading_costs_the_same_whatever_the_number(orders, django_assert_num_queries) -> None:
    money.programme()
    gold = make.partner("gold")
    for number in range(orders):
        money.paid(money.credited(f"ORD-{number}", (gold, "resale", 10_000)))
    with django_assert_num_queries(10):
        assert len(next(replay.past_orders(since=SINCE, until=UNTIL))) == orders


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("simulate_programme", *arguments, "--since", "2026-02-01", "--until", "2026-04-01", stdout=out)
    return out.getvalue()


def test_the_command_reads_a_file_a_version_or_its_name(tmp_path) -> None:
    """All three tell the same story; it stores nothing."""
    world()
    version = draft()
    file = tmp_path / "draft.json"
    file.write_text(json.dumps({"code": "channel", "terms": terms()}))
    stories = [
        json.loads(command("--draft", name, "--format", "json")) for name in (str(file), str(version.pk), "channel.v2")
    ]
    assert stories[0] == stories[1] == stories[2]
    assert [(row["partner"], row["then_minor"], row["now_minor"]) for row in stories[0]["partners"]] == [
        ("gold", 120_00, 160_00),
        ("silver", 75_00, 50_00),
    ]
    assert [(row["order"], row["partner"]) for row in stories[0]["farthest"]] == [("A", "gold"), ("B", "silver")]
    assert SimulationRun.objects.filter(version=version).count() == 0
    text = command("--draft", str(file), "--orders", "1")
    assert "Cost: EUR 195.00 then, EUR 210.00 now, EUR +15.00" in text
    assert "  A                        gold                     EUR 120.00 then, EUR 160.00 now, EUR +40.00" in text
    assert "  B   " not in text


@pytest.mark.parametrize("wrong", ["999", "channel.v9", "nowhere.json"])
def test_the_command_says_what_is_wrong(wrong) -> None:
    draft()
    with pytest.raises(CommandError):
        command("--draft", wrong)


def test_refunded_to_nothing_is_nothing_on_both_sides() -> None:
    gold, _ = world()
    order = money.credited("D", (gold, "resale", 10_000), placed_at=NOON + days(3))
    money.paid(order)
    money.rated(money.happened(order, OrderEventKind.CANCELLED, NOON + days(5)))
    found = result_of(terms(), NOON + days(3), NOON + days(4))
    assert found["totals"] == [{"currency": "EUR", "then_minor": 0, "now_minor": 0}]
    assert found["changed_orders"] == 0


def test_a_guarantee_that_the_draft_would_miss_is_found() -> None:
    """Gold was promised EUR 170 on a line of 1,000: 15 % kept it short by 20, the draft's 20 % keeps it, 5 % does not."""
    money.programme()
    gold = make.partner("gold", tier="gold")
    order = money.credited("A", (gold, "resale", 10_000), lines=(make.line("A/1", 1_000_00),))
    money.paid(order)
    promised = {order.pk: {("A/1", targets.partner_key(gold.pk)): 170_00}}
    before = list(replay._guarantees)
    replay.provide_guarantees(lambda order_ids: {pk: promised[pk] for pk in order_ids})
    try:
        kept = result_of(terms())
        missed = result_of(terms([{"id": "resale", "type": "RESALE", "rate_bp": 500}]))
    finally:
        replay._guarantees[:] = before
    assert (kept["breaches"], kept["shortfalls"]) == ([], [])
    assert missed["shortfalls"] == [{"currency": "EUR", "lines": 1, "short_minor": 120_00}]
    assert missed["breaches"] == [
        {
            "order": "A", "line": "A/1", "partner": targets.partner_key(gold.pk), "currency": "EUR",
            "guaranteed_minor": 170_00, "now_minor": 50_00,
        }
    ]  # fmt: skip
