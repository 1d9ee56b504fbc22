"""Brackets and limits over several orders, with what each order read frozen."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from channels.commissions.models import Accrual, CounterEntry, RatingRun, RuleCounter
from channels.commissions.selectors import verification
from channels.commissions.services import locks, rating, schedule
from channels.contracts import OrderEventKind
from channels.journeys.models import OrderRecord
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.harness.race import race, together, values

pytestmark = pytest.mark.django_db
NOON = make.NOON
CAPPED = [{
    "id": "resale", "type": "RESALE", "rate_bp": 1_000,
    "limits": [{"kind": "cap", "per": "month", "amount_minor": {"EUR": 100_00}}],
}]  # fmt: skip
RETROACTIVE = [{
    "id": "volume", "type": "RESALE", "rate_kind": "retroactive", "bracket_period": "quarter",
    "brackets": [
        {"from_minor": {"EUR": 0}, "rate_bp": 500},
        {"from_minor": {"EUR": 1_000_00}, "rate_bp": 1_000},
    ],
}]  # fmt: skip


def day(number: float) -> Any:
    return NOON + timedelta(days=number)


def order(partner: ChannelPartner, name: str, net: int = 600_00) -> OrderRecord:
    return money.credited(name, (partner, "resale", 10_000), lines=(make.line(f"{name}/1", net),))


def earned(*orders: OrderRecord) -> list[int]:
    return [sum(one.accruals.values_list("amount_minor", flat=True)) for one in orders]


def totals() -> dict[str, int]:
    return dict(RuleCounter.objects.order_by("key").values_list("key", "total_minor"))


def test_a_cap_over_a_month_is_kept_and_given_back() -> None:
    """The table of docs/algorithms/commission.md with real orders: 60, 40, nothing; after a refund 60 again."""
    nord = make.partner("nord")
    money.programme(rules=CAPPED)
    a, b, c, d = (order(nord, name) for name in "ABCD")
    for one in (a, b, c):
        money.paid(one)
    assert earned(a, b, c) == [60_00, 40_00, 0]
    name = f"channel:paid:resale:{nord.pk:012d}:EUR:2026-03"
    assert totals() == {name: 100_00}
    told = c.rating_runs.get().explanation
    assert [(skip["reason"], skip["text"]) for skip in told["skips"]] == [
        ("month_cap", "Rule resale pays at most EUR 100.00 per month: cap reached.")
    ]
    money.refunded(a, day(3))
    assert totals() == {name: 40_00}
    assert earned(a, b, c) == [0, 40_00, 0]
    money.paid(d)
    money.refunded(b, day(4), ("B/1", 0, 300_00))
    assert earned(a, b, c, d) == [0, 30_00, 0, 60_00]
    money.refunded(b, day(5))
    money.refunded(c, day(5))
    money.refunded(d, day(5))
    assert earned(a, b, c, d) == [0, 0, 0, 0]
    assert totals() == {name: 0}
    assert money.accounts() == {}
    assert list(verification.findings()) == []


def test_another_partner_and_another_month_count_for_themselves() -> None:
    nord, sor = make.partner("nord"), make.partner("sor")
    money.programme(rules=CAPPED)
    first = order(nord, "A", 2_000_00)
    other = order(sor, "B", 2_000_00)
    later = money.credited(
        "C", (nord, "resale", 10_000), lines=(make.line("C/1", 2_000_00),), placed_at=NOON + timedelta(days=30)
    )
    for one in (first, other, later):
        money.paid(one)
    assert earned(first, other, later) == [100_00, 100_00, 100_00]
    assert len(totals()) == 3


def test_a_new_attribution_finds_no_more_room_than_is_left() -> None:
    """B takes what A left; when A is then given the whole order, only what is free may be added."""
    nord, sor = make.partner("nord"), make.partner("sor")
    money.programme(rules=CAPPED)
    a = money.credited("A", (nord, "resale", 5_000), (sor, "resale", 5_000), lines=(make.line("A/1", 1_200_00),))
    b = order(nord, "B", 300_00)
    money.paid(a)
    money.paid(b)
    assert earned(a, b) == [120_00, 30_00]
    money.attributed_anew(a, (nord, "resale", 10_000))
    schedule.heal(now=day(5))
    assert money.earned(nord) == [("RESALE", 60_00, "held"), ("RESALE", 30_00, "held"), ("RESALE", 10_00, "held")]
    assert money.earned(sor) == [("RESALE", 60_00, "reversed"), ("RESALE", -60_00, "reversed")]
    assert totals()[f"channel:paid:resale:{nord.pk:012d}:EUR:2026-03"] == 100_00
    money.refunded(a, day(6))
    assert earned(a, b) == [0, 30_00]
    assert list(verification.findings()) == []


def test_orders_rated_together_count_after_each_other() -> None:
    """A batch reads its counters once, and each order sees what those before it used."""
    nord = make.partner("nord")
    money.programme(rules=CAPPED)
    orders = [order(nord, name) for name in "ABC"]
    for one in orders:
        money.happened(one, OrderEventKind.PAID, day(1))
    assert rating.rate_together(run_ids=RatingRun.objects.values_list("pk", flat=True), now=day(1)) == 3
    assert earned(*orders) == [60_00, 40_00, 0]
    assert list(CounterEntry.objects.order_by("pk").values_list("order__number", "used_minor")) == [
        ("A", 60_00), ("B", 40_00), ("C", 0)
    ]  # fmt: skip


def test_crossing_a_threshold_tops_up_what_came_before() -> None:
    """600 at 5 %, then 600 more: all 1,200 at 10 %, of which 30 are on the books."""
    nord = make.partner("nord")
    money.programme(rules=RETROACTIVE)
    a, b = order(nord, "A"), order(nord, "B")
    money.paid(a)
    money.paid(b)
    assert earned(a, b) == [30_00, 90_00]
    assert totals() == {f"channel:base:volume:{nord.pk:012d}:EUR:2026-Q1": 1_200_00}
    assert list(verification.findings()) == []


def test_a_refund_takes_the_true_up_back_from_the_order_that_got_it() -> None:
    """600, 600 and 600: when the first is given back, the third is the one that crosses the threshold."""
    nord = make.partner("nord")
    money.programme(rules=RETROACTIVE)
    a, b, c = (order(nord, name) for name in "ABC")
    for one in (a, b, c):
        money.paid(one)
    assert earned(a, b, c) == [30_00, 90_00, 60_00]
    money.refunded(a, day(3))
    assert earned(a, b, c) == [0, 90_00, 60_00]
    assert schedule.heal(now=day(4))["rated"] == 2
    assert earned(a, b, c) == [0, 30_00, 90_00]
    assert schedule.heal(now=day(5))["rated"] == 0
    assert RatingRun.objects.filter(cause__startswith="true-up:", event=None, state="done").count() == 2
    assert list(verification.findings()) == []
    money.refunded(c, day(6), ("C/1", 0, 100_00))
    schedule.heal(now=day(7))
    assert earned(a, b, c) == [0, 30_00, 80_00]
    money.refunded(b, day(8))
    schedule.heal(now=day(9))
    assert earned(a, b, c) == [0, 0, 25_00]
    money.refunded(c, day(10))
    schedule.heal(now=day(11))
    assert money.accounts() == {}
    assert set(totals().values()) == {0}
    assert list(verification.findings()) == []


def test_a_refund_that_changes_nothing_later_owes_nothing() -> None:
    """Far above the threshold the order before moves nobody."""
    nord = make.partner("nord")
    money.programme(rules=RETROACTIVE)
    a, b = order(nord, "A", 5_000_00), order(nord, "B")
    money.paid(a)
    money.paid(b)
    money.refunded(a, day(3), ("A/1", 0, 100_00))
    assert not RatingRun.objects.filter(cause__startswith="true-up:").exists()
    assert earned(a, b) == [490_00, 60_00]


def test_a_programme_without_counters_writes_none() -> None:
    money.programme()
    money.paid(order(make.partner("nord"), "A"))
    assert (RuleCounter.objects.count(), CounterEntry.objects.count()) == (0, 0)


def test_verification_names_a_wrong_counter() -> None:
    nord = make.partner("nord")
    money.programme(rules=CAPPED)
    money.paid(order(nord, "A"))
    RuleCounter.objects.update(total_minor=1)
    name = f"channel:paid:resale:{nord.pk:012d}:EUR:2026-03"
    assert list(verification.findings()) == [f"counter {name}: holds 1, but its orders use 6000"]
    RuleCounter.objects.update(total_minor=60_00)
    CounterEntry.objects.update(used_minor=2)
    assert list(verification.findings()) == [
        f"counter {name}: holds 6000, but its orders use 2",
        "order A: its rating uses 6000 of " + name + ", but the counter has 2",
    ]


# --- two at once -----------------------------------------------------------------------------------


def unlocked(names: Any) -> dict[str, RuleCounter]:
    return {row.key: row for row in RuleCounter.objects.filter(key__in=set(names))}


def race_for_the_room(patience: float, lock: Any = locks.lock_counters) -> list[int]:
    """Two orders of 80 each, under a cap of 100 of which 20 are used, rated at the same moment."""
    with (
        mock.patch("channels.commissions.services.facts.send_rating"),
        mock.patch("channels.journeys.services.orders._send"),
    ):
        nord = make.partner("nord")
        money.programme(rules=CAPPED)
        money.paid(order(nord, "A", 200_00))
        runs = [money.happened(order(nord, name, 800_00), OrderEventKind.PAID, day(1)) for name in "BC"]
        with (
            mock.patch.object(locks, "lock_counters", lock),
            together("channels.commissions.services.locks.lock_counters", patience=patience),
        ):
            outcomes = race(2, lambda i: rating.rate(run_id=runs[i].pk, now=day(2)))
    assert values(outcomes) == ["done", "done"]
    return sorted(Accrual.objects.values_list("amount_minor", flat=True))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_orders_at_once_share_the_room() -> None:
    """The second waits for the first: 20 + 80, and nothing is left for it."""
    assert race_for_the_room(1.5) == [20_00, 80_00]
    assert sum(totals().values()) == 100_00
    assert list(verification.findings()) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_twin_without_the_lock_the_cap_is_exceeded() -> None:
    """Both find 80 free and take them, although the ledger head is locked: 180 under a cap of 100."""
    assert race_for_the_room(20, unlocked) == [20_00, 80_00, 80_00]
