"""What would have been earned without a touch: rated on frozen facts, to the cent, and never written."""

from typing import Any

import pytest
from django.urls import reverse

from channels.commissions.models import Accrual, RatingRun
from channels.commissions.selectors.counterfactual import earned_without
from channels.journeys.models import AttributionRun, OrderRecord
from channels.journeys.services import attribution
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories.channels import NOON, days
from tests.integration.desk.people import channel_manager

pytestmark = pytest.mark.django_db


def attributed(**values: Any) -> OrderRecord:
    order = make.order("ORD-1", **values)
    run = attribution.attribute(run_id=make.pending_run(order).pk, now=NOON)
    assert run.state == AttributionRun.State.DONE, run.last_error
    return order


@pytest.fixture
def shared() -> OrderRecord:
    """Alfa, Beta, Alfa: 80 and 20 % of two lines of 100.00 and 33.33, at 10 %."""
    make.policy()
    money.programme()
    make.company()
    alfa, beta = make.partner("alfa"), make.partner("beta")
    make.touch(alfa, NOON - days(30), key="a1")
    make.touch(beta, NOON - days(20), key="b")
    make.touch(alfa, NOON - days(1), key="a2")
    return attributed(lines=(make.line("ORD-1/1"), make.line("ORD-1/2", 33_33)))


def test_each_touch_is_worth_what_everybody_would_have_had_instead(shared: OrderRecord) -> None:
    money.paid(shared)
    found = earned_without(shared, ["a1", "b", "a2"])
    assert {touch: without.differences for touch, without in found.items()} == {
        "a1": [("alfa", 10_67, 6_67), ("beta", 2_67, 6_67)],
        "b": [("alfa", 10_67, 13_33), ("beta", 2_67, 0)],
        "a2": [("alfa", 10_67, 6_67), ("beta", 2_67, 6_67)],
    }
    assert found["b"].of("alfa") == (10_67, 13_33)


def test_it_follows_refunds_and_writes_nothing(shared: OrderRecord) -> None:
    money.paid(shared)
    money.refunded(shared, NOON + days(5), ("ORD-1/1", 0, 50_00))
    before = (list(Accrual.objects.values()), list(RatingRun.objects.values()), list(AttributionRun.objects.values()))
    found = earned_without(shared, ["b"])
    assert found["b"].of("beta") == (1_67, 0)
    assert found["b"].of("alfa") == (6_67, 8_33)
    after = (list(Accrual.objects.values()), list(RatingRun.objects.values()), list(AttributionRun.objects.values()))
    assert before == after


def test_before_payment_there_is_no_money_to_speak_of(shared: OrderRecord) -> None:
    assert earned_without(shared, ["a1"]) == {}


def test_without_the_only_touch_the_incumbent_would_have_had_it_all() -> None:
    make.policy()
    money.programme()
    make.company()
    from channels.journeys.services.relationships import set_renewal_steward

    gamma = make.partner("gamma")
    set_renewal_steward(
        company_key="fjord", partner_code=gamma.code, valid_from=NOON - days(300), at=NOON - days(300), source="desk"
    )
    make.touch(make.partner("alfa"), NOON - days(3), key="a")
    order = attributed()
    money.paid(order)
    # Gamma has no credit, so no rating froze it: it is seen as it is today.
    assert earned_without(order, ["a"])["a"].differences == [("alfa", 10_00, 0), ("gamma", 0, 10_00)]


def test_a_touch_that_changed_nothing_costs_no_rating(shared: OrderRecord, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert earned_without(shared, []) == {}
    money.paid(shared)
    assert earned_without(shared, ["unknown"]) == {}


def test_the_desk_reads_every_side_of_the_journey(shared: OrderRecord, client: Any) -> None:
    money.paid(shared)
    client.force_login(channel_manager())
    page = client.get(reverse("desk_order", args=["ORD-1"])).content.decode()
    assert "Beta: 6.67 EUR instead of 2.67 EUR" in page
    assert "Referral: 50 % instead of 80 %" in page
    assert page.count("<circle") == 3
    assert page.count("<polygon") == 2  # placed, and paid
