"""A commission and what stands on it move together: the distributor's override, and a bonus on top."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from channels.commissions.models import Accrual, LedgerPosting, RatingRun
from channels.commissions.selectors import verification
from channels.commissions.services import rating, schedule
from channels.contracts import OrderEventKind
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
NOON = make.NOON
RULES = [
    {"id": "resale", "type": "RESALE", "rate_bp": 1_000},
    {"id": "override", "type": "OVERRIDE", "rate_bp": 200},
    {"id": "spiff", "type": "BONUS", "rate_kind": "per_order", "flat_minor": {"EUR": 500}},
]


def day(number: float) -> Any:
    return NOON + timedelta(days=number)


def sold(**terms: Any) -> Any:
    """A reseller below a distributor: 10 %, 2 % and a bonus of 5.00 for the order of two lines."""
    money.programme(rules=RULES, **terms)
    nord, dist = make.partner("nord"), make.partner("dist")
    return money.credited(
        "A", (nord, "resale", 10_000), (dist, "override", 10_000),
        lines=(make.line("A/1", 200_00), make.line("A/2", 100_00)),
    )  # fmt: skip


def earned() -> dict[str, int]:
    sums: dict[str, int] = {}
    for kind, amount in Accrual.objects.values_list("type", "amount_minor"):
        sums[kind] = sums.get(kind, 0) + amount
    return sums


def test_a_refund_takes_back_the_whole_tree() -> None:
    order = sold()
    money.paid(order)
    assert earned() == {"RESALE": 30_00, "OVERRIDE": 6_00, "BONUS": 5_00}
    assert Accrual.objects.get(type="BONUS", line__key="A/1").credit.pool == "resale"
    money.refunded(order, day(3), ("A/2", 1, 100_00))
    assert earned() == {"RESALE": 20_00, "OVERRIDE": 4_00, "BONUS": 3_33}
    money.refunded(order, day(4))
    assert set(earned().values()) == {0}
    assert money.accounts() == {}
    assert list(verification.findings()) == []


def test_an_override_inside_comes_out_of_the_resale() -> None:
    order = sold(override="inside")
    money.paid(order)
    assert earned() == {"RESALE": 24_00, "OVERRIDE": 6_00, "BONUS": 5_00}
    money.refunded(order, day(3))
    assert money.accounts() == {}


def test_dying_half_way_takes_back_nothing() -> None:
    """Source and tree are one transaction: a failure leaves both, and the next try takes both."""
    order = sold()
    money.paid(order)
    before = LedgerPosting.objects.count()
    run = money.happened(order, OrderEventKind.REFUNDED, day(3))
    with mock.patch("channels.commissions.services.accruals.follow_reversals", side_effect=RuntimeError("no")):
        assert rating.rate(run_id=run.pk, now=day(3)) == RatingRun.State.FAILED
    assert (earned(), LedgerPosting.objects.count()) == ({"RESALE": 30_00, "OVERRIDE": 6_00, "BONUS": 5_00}, before)
    schedule.heal(now=day(4))
    assert set(earned().values()) == {0}


def test_a_new_attribution_without_the_reseller_takes_its_distributor_along() -> None:
    order = sold()
    money.paid(order)
    sor = make.partner("sor")
    money.attributed_anew(order, (sor, "referral", 10_000))
    schedule.heal(now=day(5))
    assert earned() == {"RESALE": 0, "OVERRIDE": 0, "BONUS": 5_00}
    assert money.earned(sor) == [("BONUS", 3_33, "held"), ("BONUS", 1_67, "held")]
    assert list(verification.findings()) == []
