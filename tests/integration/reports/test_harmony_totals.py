"""The totals of harmony and of simulations against naive ones, in a past with two of everything."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import pytest

from channels.commissions.models import (
    Accrual,
    Dispute,
)
from channels.commissions.selectors.simulation_report import report
from channels.commissions.services import programmes, simulations
from channels.core.money import share_of
from channels.core.periods import Month
from channels.harmony.models import CostRate, GuardCheck, GuardFinding, Proof
from channels.harmony.selectors import costs, dashboard, proofs
from channels.journeys.models import AttributionRun, Credit, OrderRecord, Touchpoint
from tests.factories import channels as make
from tests.factories import commissions as factory
from tests.integration.reports.naive import Pair, in_force, order_of_line, summed
from tests.integration.reports.world import END, START, TODAY, days

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_the_harmony_dashboard(world: Pair) -> None:
    placed = [row for row in OrderRecord.objects.all() if START <= row.placed_at < END]
    lines = order_of_line()
    credited = {lines[row.line_id] for row in in_force()}
    naive = {
        (country, currency): (
            len(rows), sum(row.channel == "direct" for row in rows), sum(row.net_minor for row in rows),
            sum(row.net_minor for row in rows if row.channel == "direct"),
        )
        for country in ("NO", "SE") for currency in ("EUR", "NOK")
        if (rows := [row for row in placed if (row.country, row.currency) == (country, currency)])
    }  # fmt: skip
    found = dashboard.direct_share(start=START, end=END)
    assert {
        (row.country, row.currency): (row.orders, row.direct_orders, row.net_minor, row.direct_minor) for row in found
    } == naive
    make.order("BARE-1", placed_at=START + days(9), company=make.company_facts("dairy"))
    make.order("BARE-2", placed_at=START + days(10), company=make.company_facts("dairy"))
    told = dashboard.accounts(start=START, end=END)
    assert (told.ordered, told.uncredited, [row.key for row in told.companies]) == (3, 1, ["dairy"])

    undercuts = dashboard.undercuts(start=START, end=END)
    checks = {row.pk: row for row in GuardCheck.objects.all()}
    assert undercuts.by_outcome == summed((row.outcome, 1) for row in checks.values()) == {"blocked": 2, "topped_up": 1}
    assert undercuts.prevented_gaps == summed(
        (row.currency, row.gap_minor)
        for row in GuardFinding.objects.all()
        if checks[row.guard_check_id].outcome == "blocked"
    )
    orders_by_pk = {row.pk: row for row in placed}
    spans = sorted(
        run.finished_at - orders_by_pk[run.order_id].placed_at
        for run in AttributionRun.objects.all()
        if run.sequence == 1 and run.finished_at and any(row.run_id == run.pk for row in Credit.objects.all())
    )
    waited = dashboard.time_to_credit(start=START, end=END)
    assert (waited.cases, waited.median, waited.p90) == (8, spans[3], spans[7])
    disputes = dashboard.disputes(start=START, end=END)
    assert (disputes.opened, disputes.credited_orders) == (Dispute.objects.count(), len(credited)) == (4, 8)
    ages = sorted(END - row.opened_at for row in Dispute.objects.all() if row.state == "open")
    assert (disputes.open.cases, disputes.open.median, disputes.open.p90) == (2, ages[0], ages[1])


def test_the_guarantee(world: Pair) -> None:
    last: dict[tuple[int, int], Proof] = {}
    for row in Proof.objects.order_by("pk"):
        last[row.line_id, row.partner_id] = row
    assert Proof.objects.count() > len(last) >= 8

    def naive(kept: list[Proof]) -> dict[str, tuple[int, ...]]:
        return {
            currency: (
                len(rows), sum(row.top_up_minor > 0 for row in rows), sum(row.promised_minor for row in rows),
                sum(row.credited_minor for row in rows), sum(row.top_up_minor for row in rows),
            )
            for currency in ("EUR", "NOK")
            if (rows := [row for row in kept if row.currency == currency])
        }  # fmt: skip

    def told(rows: Iterable[proofs.Totals]) -> dict[str, tuple[int, ...]]:
        return {
            row.currency: (row.lines, row.deficits, row.promised_minor, row.credited_minor, row.top_up_minor)
            for row in rows
        }

    for partner in world:
        own = [row for row in last.values() if row.partner_id == partner.pk]
        assert told(proofs.totals(partner=partner)) == naive(own)
        assert {row.pk for row in proofs.latest(partner=partner)} == {row.pk for row in own}
    assert told(proofs.totals()) == naive(list(last.values()))
    for month in (Month(2026, number) for number in (1, 2, 3, 4)):
        kept = [row for row in last.values() if month.start <= row.at < month.end]
        posted = summed(
            ((row.partner_id, row.currency), row.amount_minor)
            for row in Accrual.objects.all()
            if row.type == "TOP_UP" and month.start <= row.accrued_at < month.end
        )
        found = proofs.monthly(start=month.start, end=month.end)
        assert {(row.partner.pk, row.totals.currency): row.posted_minor for row in found if row.posted_minor} == {
            key: amount for key, amount in posted.items() if amount
        }
        for partner in world:
            own = naive([row for row in kept if row.partner_id == partner.pk])
            shown = told(row.totals for row in found if row.partner == partner and row.totals.lines)
            assert shown == own, month


@pytest.mark.parametrize(("start", "end"), [(START, END), (START + days(20), START + days(50)), (END - days(30), END)])
def test_the_cost_of_selling(world: Pair, start: datetime, end: datetime) -> None:
    everything = sorted(OrderRecord.objects.all(), key=lambda row: (row.placed_at, row.pk))
    stage: dict[int, str] = {}
    for order in everything:
        is_known = any(row.company_id == order.company_id for row in everything[: everything.index(order)])
        stage[order.pk] = "retain" if order.cycle else "grow" if is_known else "acquire"
    by_pk = {row.pk: row for row in everything}
    naive: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for order in everything:
        if start <= order.placed_at < end:
            cell = naive[order.channel, stage[order.pk], order.currency]
            cell["orders"] += 1
            cell["net_minor"] += order.net_minor
            for kind in ("payment", "support"):
                fits = [row for row in CostRate.objects.all() if row.kind == kind and row.currency == order.currency
                        and row.channel in ("", order.channel)]  # fmt: skip
                rate = max(fits, key=lambda row: row.channel)
                cell[f"{kind}_minor"] += share_of(order.net_minor, rate.rate_bp) + rate.flat_minor
    for accrual in Accrual.objects.all():
        if start <= accrual.accrued_at < end:
            order = by_pk[accrual.order_id]
            naive[order.channel, stage[order.pk], accrual.currency]["commission_minor"] += accrual.amount_minor
    for touch in Touchpoint.objects.all():
        if start <= touch.at < end and touch.cost_minor:
            following = [row for row in everything if row.company_id == touch.company_id and row.placed_at >= touch.at]
            place = (following[0].channel, stage[following[0].pk]) if following else ("none", "grow")
            naive[*place, touch.cost_currency]["touches_minor"] += touch.cost_minor
    found = costs.cost_of_selling(start=start, end=end).cells
    names = ("orders", "net_minor", "touches_minor", "commission_minor", "payment_minor", "support_minor")
    assert {key: {name: getattr(cell, name) for name in names} for key, cell in found.items()} == {
        key: {name: cell.get(name, 0) for name in names} for key, cell in naive.items()
    }
    assert len(found) >= 3


def test_a_simulation(world: Pair) -> None:
    rules = [{**rule, "rate_bp": 300 if rule["type"] == "REFERRAL" else 900} for rule in factory.DEFAULT_RULES]
    draft = programmes.create_draft(programme="channel", terms={"rules": rules}, at=TODAY)
    run = simulations.run_now(version_id=draft.pk, since=START, until=END, at=TODAY)
    rated = [row for row in Accrual.objects.all() if row.type != "TOP_UP"]  # the guarantee's, no rule's
    result = run.result
    shown = {(int(row["partner"]), row["currency"]): row for row in result["partners"]}
    assert {key: row["then_minor"] for key, row in shown.items()} == summed(
        ((row.partner_id, row.currency), row.amount_minor) for row in rated
    )
    assert {(row["type"], row["currency"]): row["then_minor"] for row in result["types"]} == summed(
        ((row.type, row.currency), row.amount_minor) for row in rated
    )
    for amount in ("then_minor", "now_minor"):
        per_currency = summed((currency, row[amount]) for (_partner, currency), row in shown.items())
        assert {row["currency"]: row[amount] for row in result["totals"]} == per_currency
    assert (result["orders"], result["lines"]) == (8, 16)
    told = report(result)
    changes = {key: row["now_minor"] - row["then_minor"] for key, row in shown.items()}
    assert sorted(row.change_minor for row in told.winners) == sorted(
        change for change in changes.values() if change > 0
    )
    assert sorted(row.change_minor for row in told.losers) == sorted(
        change for change in changes.values() if change < 0
    )
