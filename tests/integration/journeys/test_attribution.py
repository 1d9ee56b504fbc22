"""Attributing recorded orders."""

from datetime import timedelta

import pytest

from channels.contracts import TouchKind
from channels.journeys.models import AttributionRun, CompanyProfile, Credit, Relationship, Visitor
from channels.journeys.services import attribution, relationships
from channels.journeys.services.identity import link_visitor
from channels.partners.services import lifecycle
from tests.factories import channels as make
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db
NOW = NOON + timedelta(minutes=1)


def attribute(order: object) -> AttributionRun:
    return attribution.attribute(run_id=make.pending_run(order).pk, now=NOW)  # type: ignore[arg-type]


def credits() -> list[tuple[str, str, str, int]]:
    return list(Credit.objects.order_by("line_id", "pool", "partner__code").values_list(
        "pool", "partner__code", "role", "share_bp"
    ))  # fmt: skip


@pytest.fixture(autouse=True)
def _policy() -> None:
    make.policy()


def test_three_partners_share_by_position() -> None:
    make.company()
    first, middle, last = make.partner("alfa"), make.partner("beta"), make.partner("gamma")
    make.touch(first, NOON - days(30), kind=TouchKind.LINK, key="t1")
    make.touch(middle, NOON - days(20), key="t2")
    make.touch(last, NOON - days(1), key="t3")

    run = attribute(make.order())

    assert (run.state, run.step, run.attempts, run.finished_at) == ("done", "model", 1, NOW)
    assert credits() == [
        ("referral", "alfa", "sourcer", 4000),
        ("referral", "beta", "influencer", 2000),
        ("referral", "gamma", "influencer", 4000),
    ]
    assert Credit.objects.get(partner=first).touch_keys == ["t1"]
    assert run.explanation["lines"][0]["why"]["text"] == (
        "The position model shared the credit over 3 touchpoints of the last 90 days."
    )
    assert [(row["key"], row["counted"]) for row in run.explanation["touches"]] == [
        ("t1", True), ("t2", True), ("t3", True),
    ]  # fmt: skip
    assert run.explanation["counterfactuals"][1] == {
        "touch": "t2",
        "partner": "beta",
        "changes": [{"line": run.order.lines.get().key, "pool": "referral", "with_bp": 2000, "without_bp": 0}],
    }


def test_the_picked_reseller_takes_the_resale_pool_and_others_share_the_influence() -> None:
    make.company()
    distributor = make.partner("delta", kind="distributor")
    reseller = make.partner("alfa", parent=distributor)
    other = make.partner("beta")
    make.touch(other, NOON - days(3))

    run = attribute(make.order(through=reseller))

    assert run.step == "reseller_pick"
    assert credits() == [
        ("influence", "beta", "influencer", 10_000),
        ("override", "delta", "distributor", 10_000),
        ("resale", "alfa", "reseller", 10_000),
    ]


def test_touches_of_the_buyer_before_login_count_and_those_of_other_companies_do_not() -> None:
    make.company()
    make.company("bakken")
    buyer, stranger = make.user(), make.user()
    alfa, beta, gamma = make.partner("alfa"), make.partner("beta"), make.partner("gamma")
    make.touch(alfa, NOON - days(9), visitor_key="a" * 32, company_key="")
    link_visitor(visitor_key="a" * 32, user_id=buyer.pk, company_key="fjord", at=NOON - days(8))
    make.touch(beta, NOON - days(7), visitor_key="b" * 32, company_key="")
    link_visitor(visitor_key="b" * 32, user_id=stranger.pk, company_key="bakken", at=NOON - days(6))
    make.touch(gamma, NOON - days(5), user_id=buyer.pk, company_key="bakken")

    attribute(make.order(user_id=buyer.pk))

    assert credits() == [("referral", "alfa", "influencer", 10_000)]


def test_a_visitor_known_by_the_order_alone_counts() -> None:
    make.company()
    make.touch(make.partner("alfa"), NOON - days(2), visitor_key="c" * 32, company_key="")

    attribute(make.order(visitor_key="c" * 32))

    assert credits() == [("referral", "alfa", "influencer", 10_000)]


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(days=90) - timedelta(seconds=1), [("referral", "alfa", "influencer", 10_000)]),
        (timedelta(days=90), []),
        (timedelta(0), [("referral", "alfa", "influencer", 10_000)]),
        (timedelta(seconds=-1), []),
    ],
)
def test_the_window_is_half_open(age: timedelta, expected: list[object]) -> None:
    make.company()
    make.touch(make.partner("alfa"), NOON - age)

    attribute(make.order())

    assert credits() == expected


def test_the_status_on_the_day_of_the_order_decides_not_that_of_today() -> None:
    make.company()
    alfa = make.partner("alfa")
    make.touch(alfa, NOON - days(5))
    lifecycle.suspend(partner_id=alfa.pk, at=NOON + days(1), actor=None, reason="late reports")
    before = make.order("B-1", placed_at=NOON)
    after = make.order("B-2", placed_at=NOON + days(2))

    attribute(before)
    run = attribute(after)

    assert credits() == [("referral", "alfa", "influencer", 10_000)]
    assert Credit.objects.get().line.order == before
    assert [row["reason"] for row in run.explanation["lines"][0]["skips"]] == ["suspended"]


def test_a_terminated_partner_earns_until_its_tail_ends() -> None:
    make.company()
    alfa = make.partner("alfa")
    lifecycle.terminate(partner_id=alfa.pk, at=NOON - days(30), actor=None, reason="ended")
    make.touch(alfa, NOON - days(40))
    make.touch(alfa, NOON + days(140))

    attribute(make.order("B-1"))
    attribute(make.order("B-2", placed_at=NOON + days(151)))  # the tail of six months ended with 30 July

    assert list(Credit.objects.values_list("line__order__number", "partner__code")) == [("B-1", "alfa")]


def test_attributing_twice_changes_nothing() -> None:
    make.company()
    make.touch(make.partner("alfa"), NOON - days(2))
    order = make.order()
    attribute(order)

    again = attribution.attribute(run_id=make.pending_run(order).pk, now=NOW + days(1))

    assert (again.finished_at, again.attempts) == (NOW, 1)
    assert credits() == [("referral", "alfa", "influencer", 10_000)]


def test_a_failure_stays_on_the_run_and_a_retry_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    make.company()
    make.touch(make.partner("alfa"), NOON - days(2))
    order = make.order()
    with monkeypatch.context() as broken:
        broken.setattr(attribution.explanation, "explain", lambda *args, **kwargs: 1 / 0)
        run = attribute(order)
        assert (run.state, run.attempts, run.last_error) == ("failed", 1, "ZeroDivisionError: division by zero")
        assert credits() == []
        attribution.retry(run_id=run.pk, now=NOW)
    assert AttributionRun.objects.get().attempts == 2

    run = attribution.retry(run_id=run.pk, now=NOW + days(1), actor=make.user())

    assert (run.state, run.attempts, run.last_error) == ("done", 3, "")
    assert credits() == [("referral", "alfa", "influencer", 10_000)]


def test_without_a_policy_in_force_the_run_fails_with_the_reason() -> None:
    run = attribute(make.order(placed_at=NOON.replace(year=2023)))

    assert (run.state, run.last_error) == (
        "failed", "NoPolicy: no attribution policy was in force on 2023-03-02 12:00",
    )  # fmt: skip


def test_the_sweeper_takes_lost_runs_after_the_grace_and_failed_ones_after_a_growing_pause() -> None:
    lost = make.pending_run(make.order("L-1"))
    failed = make.pending_run(make.order("F-1"))
    AttributionRun.objects.filter(pk=failed.pk).update(state="failed", attempts=3, finished_at=NOON)

    assert attribution.due_runs(now=NOON + timedelta(seconds=119)) == []
    assert attribution.due_runs(now=NOON + timedelta(minutes=2)) == [lost.pk]
    assert attribution.due_runs(now=NOON + timedelta(minutes=4)) == [lost.pk, failed.pk]
    assert attribution.due_runs(now=NOON + timedelta(minutes=4), limit=1) == [lost.pk]
    assert attribution.due_runs(now=NOON - days(1)) == [failed.pk]  # it failed while a run was ahead of the clock
    assert attribution.pause_after(40) == timedelta(hours=6)


def test_an_order_through_a_reseller_makes_it_reseller_and_steward_of_the_subscription() -> None:
    alfa = make.partner("alfa")
    lines = (make.line("S-1/1", term_months=12, subscription_key="sub-1"),)

    attribute(make.order("S-1", through=alfa, lines=lines))

    assert sorted(Relationship.objects.values_list("role", "segment", "valid_from", "source", "evidence")) == [
        ("renewal_steward", "", NOON, "order", "Order S-1"),
        ("reseller", "", NOON, "order", "Order S-1"),
    ]


def test_an_order_without_subscription_makes_no_steward_and_a_second_one_no_second_reseller() -> None:
    alfa = make.partner("alfa")

    attribute(make.order("S-1", through=alfa))
    attribute(make.order("S-2", through=alfa, placed_at=NOON + days(1)))

    assert list(Relationship.objects.values_list("role", "partner__code", "valid_from")) == [("reseller", "alfa", NOON)]


def test_a_renewal_is_credited_to_the_steward_of_its_day() -> None:
    make.company()
    alfa, beta = make.partner("alfa"), make.partner("beta")
    for partner, start in ((alfa, NOON - days(300)), (beta, NOON)):
        relationships.set_renewal_steward(
            company_key="fjord", partner_code=partner.code, valid_from=start, at=NOON, source="desk"
        )
    make.touch(make.partner("gamma"), NOON - days(1))

    attribute(make.order("R-1", cycle=1, placed_at=NOON - timedelta(seconds=1)))
    attribute(make.order("R-2", cycle=2, placed_at=NOON))

    assert list(Credit.objects.order_by("line_id").values_list("line__order__number", "pool", "partner__code")) == [
        ("R-1", "renewal", "alfa"),
        ("R-2", "renewal", "beta"),
    ]


def test_a_partner_that_buys_for_itself_is_held_for_review_and_becomes_nothing() -> None:
    alfa = make.partner("alfa", vat_id="NO 999 888 777")
    facts = make.company_facts(vat_id="NO999888777")
    lines = (make.line("S-1/1", term_months=12),)

    attribute(make.order("S-1", through=alfa, company=facts, lines=lines))

    assert list(Credit.objects.values_list("pool", "is_held_for_review")) == [("resale", True)]
    assert Relationship.objects.count() == 0


def test_the_facts_cost_the_same_however_long_the_journey(django_assert_num_queries: object) -> None:
    make.company()
    partners = [make.partner(f"p{number}") for number in range(3)]
    for number, partner in enumerate(partners):
        make.touch(partner, NOON - days(number + 1))
    one, three = make.order("Q-1", placed_at=NOON - days(2.5)), make.order("Q-3")
    for order, shares in ((one, 1), (three, 3)):
        run_id = make.pending_run(order).pk
        with django_assert_num_queries(20):  # type: ignore[operator]
            attribution.attribute(run_id=run_id, now=NOW)
        assert Credit.objects.filter(line__order=order).count() == shares
    assert (Visitor.objects.count(), CompanyProfile.objects.count()) == (0, 1)
