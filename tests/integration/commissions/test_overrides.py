"""Overrides: proposed by one, decided by another, posted as the difference, and the only change of a closed order."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from channels.commissions.models import LedgerPosting, RatingRun
from channels.commissions.selectors.override_preview import preview
from channels.commissions.selectors.verification import findings
from channels.commissions.services import overrides as service
from channels.commissions.services import rating
from channels.commissions.services.schedule import heal
from channels.journeys.models import AttributionRun, OrderRecord, Override
from channels.journeys.selectors.overrides import run_in_force
from channels.journeys.services import overrides
from channels.journeys.services.overrides import NotPossible
from channels.notices.models import Notice
from tests.factories import channels as make
from tests.factories.commissions import earned, paid, programme

pytestmark = pytest.mark.django_db

NOON, days = make.NOON, make.days
LATER = NOON + days(3)
TO_BERTA = {"referral": {"anna": 6_000, "berta": 4_000}}


@pytest.fixture
def people() -> tuple[Any, Any]:
    return make.user(), make.user()


def sold(*, net_minor: int = 1_000_00, lines: int = 1) -> OrderRecord:
    """A direct order after a touch of Anna, attributed and paid: 10 % referral, all hers."""
    make.policy()
    programme()
    make.company()
    anna = make.partner("anna")
    make.partner("berta")
    make.touch(anna, NOON - days(5), key="visit")
    order = make.order("ORD-1", lines=tuple(make.line(f"ORD-1/{n}", net_minor) for n in range(1, lines + 1)))
    heal(now=NOON + days(1))
    paid(order)
    return order


def proposed(order: OrderRecord, by: Any, pools: Any = None, lines: tuple[str, ...] = (), **values: Any) -> Override:
    defaults: dict[str, Any] = {"reason": "Berta ran the workshop.", "evidence": "Minutes of 1 March.", "at": LATER}
    return overrides.propose(
        order_id=order.pk, lines=lines, pools=TO_BERTA if pools is None else pools, by=by, **{**defaults, **values}
    )


def shares(order: OrderRecord) -> list[tuple[str, str, str, int]]:
    run = run_in_force(order)
    assert run is not None
    rows = run.credits.order_by("line__position", "pool", "partner__code")
    return list(rows.values_list("line__key", "pool", "partner__code", "share_bp"))


def test_two_people_move_a_share_and_the_difference_is_posted_with_the_reason(people: Any) -> None:
    one, other = people
    order = sold()
    proposal = proposed(order, one)
    assert shares(order) == [("ORD-1/1", "referral", "anna", 10_000)]

    service.approve(override_id=proposal.pk, at=LATER, by=other)
    assert earned(order.company.orders.get().lines.get().accruals.get().partner) == [("REFERRAL", 100_00, "held")]
    heal(now=LATER)

    anna, berta = (make.ChannelPartner.objects.get(code=code) for code in ("anna", "berta"))
    assert shares(order) == [("ORD-1/1", "referral", "anna", 6_000), ("ORD-1/1", "referral", "berta", 4_000)]
    assert earned(anna) == [("REFERRAL", 100_00, "held"), ("REFERRAL", -40_00, "reversed")]
    assert earned(berta) == [("REFERRAL", 40_00, "held")]
    memos = set(LedgerPosting.objects.filter(effective_at=LATER).values_list("memo", flat=True))
    assert memos == {"re-attribution:2: Berta ran the workshop."}
    assert list(findings()) == []

    told = {row.partner.code: row.params for row in Notice.objects.filter(kind="override.approved")}
    assert {code: (row["before"], row["after"], row["delta"]) for code, row in told.items()} == {
        "anna": ("EUR 100.00", "EUR 60.00", "EUR -40.00"),
        "berta": ("EUR 0.00", "EUR 40.00", "EUR +40.00"),
    }
    assert {row["reason"] for row in told.values()} == {"Berta ran the workshop."}


def test_the_preview_says_what_the_approval_then_does(people: Any) -> None:
    order = sold()
    found = preview(order, lines=[], pools=TO_BERTA)
    assert [(row.partner.code, row.type, row.before_minor, row.after_minor) for row in found.changes] == [
        ("anna", "REFERRAL", 100_00, 60_00),
        ("berta", "REFERRAL", 0, 40_00),
    ]
    assert {partner.code: minor for partner, minor in found.by_partner().items()} == {"anna": -40_00, "berta": 40_00}
    assert found.is_paid
    assert (Override.objects.count(), AttributionRun.objects.count()) == (0, 1)


def test_an_unpaid_order_is_previewed_as_if_it_were_paid(people: Any) -> None:
    one, other = people
    order = sold()
    LedgerPosting.objects.count()
    unpaid = make.order("ORD-2", placed_at=NOON + days(1), lines=(make.line("ORD-2/1", 500_00),))
    heal(now=NOON + days(2))
    found = preview(unpaid, lines=[], pools={"referral": {"berta": 10_000}})
    assert not found.is_paid
    assert [(row.partner.code, row.before_minor, row.after_minor) for row in found.changes] == [
        ("anna", 50_00, 0),
        ("berta", 0, 50_00),
    ]
    proposal = proposed(unpaid, one, pools={"referral": {"berta": 10_000}})
    service.approve(override_id=proposal.pk, at=LATER, by=other)
    assert not RatingRun.objects.filter(order=unpaid).exists()
    paid(unpaid, at=LATER + days(1))
    assert earned(make.ChannelPartner.objects.get(code="berta")) == [("REFERRAL", 50_00, "held")]
    assert order.accruals.count() == 1


def test_lines_that_are_not_named_keep_their_credits_whatever_changed_since(people: Any) -> None:
    """A new policy, a late touch and another status of a partner do not reach into the other line."""
    one, other = people
    order = sold(lines=2)
    make.policy(model="first", window_days=400)
    make.touch(make.ChannelPartner.objects.get(code="berta"), NOON - days(4))
    make.ChannelPartner.objects.filter(code="anna").update(kind="distributor", tier="gold")

    proposal = proposed(order, one, pools={"referral": {"berta": 10_000}}, lines=("ORD-1/2",))
    run = service.approve(override_id=proposal.pk, at=LATER, by=other)
    heal(now=LATER)

    assert shares(order) == [("ORD-1/1", "referral", "anna", 10_000), ("ORD-1/2", "referral", "berta", 10_000)]
    assert [(row["line"], row["step"]) for row in run.explanation["lines"]] == [
        ("ORD-1/1", "model"),
        ("ORD-1/2", "override"),
    ]
    assert run.explanation["lines"][1]["why"]["params"] == {"reason": "Berta ran the workshop."}
    assert order.lines.get(position=1).accruals.count() == 1
    assert list(findings()) == []


def test_nobody_may_be_credited(people: Any) -> None:
    one, other = people
    order = sold()
    service.approve(override_id=proposed(order, one, pools={}).pk, at=LATER, by=other)
    heal(now=LATER)
    assert shares(order) == []
    assert earned(make.ChannelPartner.objects.get(code="anna"))[-1] == ("REFERRAL", -100_00, "reversed")


def test_several_pools_are_replaced_together(people: Any) -> None:
    one, other = people
    order = sold()
    pools = {"resale": {"berta": 10_000}, "influence": {"anna": 10_000}}
    service.approve(override_id=proposed(order, one, pools=pools).pk, at=LATER, by=other)
    heal(now=LATER)
    assert shares(order) == [
        ("ORD-1/1", "influence", "anna", 10_000),
        ("ORD-1/1", "resale", "berta", 10_000),
    ]
    assert earned(make.ChannelPartner.objects.get(code="berta")) == [("RESALE", 150_00, "held")]


def test_the_proposer_decides_nothing(people: Any) -> None:
    one, other = people
    order = sold()
    proposal = proposed(order, one)
    for act in (
        lambda: service.approve(override_id=proposal.pk, at=LATER, by=one),
        lambda: overrides.reject(override_id=proposal.pk, at=LATER, by=one, answer="No."),
    ):
        with pytest.raises(NotPossible, match="Somebody else"):
            act()
    with pytest.raises(NotPossible, match="Only the person who proposed"):
        overrides.withdraw(override_id=proposal.pk, at=LATER, by=other)
    with pytest.raises(IntegrityError), transaction.atomic():  # whatever the code above does
        Override.objects.filter(pk=proposal.pk).update(state="approved", decided_by=one, decided_at=LATER)
    assert (AttributionRun.objects.count(), Notice.objects.count()) == (1, 0)


def test_an_override_is_decided_once(people: Any) -> None:
    one, other = people
    order = sold()
    proposal = proposed(order, one)
    service.approve(override_id=proposal.pk, at=LATER, by=other)
    for act in (
        lambda: service.approve(override_id=proposal.pk, at=LATER, by=other),
        lambda: overrides.reject(override_id=proposal.pk, at=LATER, by=other, answer="No."),
        lambda: overrides.withdraw(override_id=proposal.pk, at=LATER, by=one),
    ):
        with pytest.raises(NotPossible, match="decided already"):
            act()
    assert AttributionRun.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Override.objects.update(reason="Something else")
    with pytest.raises(IntegrityError), transaction.atomic():
        Override.objects.all().delete()


def test_one_proposal_waits_at_a_time_and_another_may_follow(people: Any) -> None:
    one, other = people
    order = sold()
    first = proposed(order, one)
    with pytest.raises(NotPossible, match="waits for a decision"):
        proposed(order, other)
    overrides.reject(override_id=first.pk, at=LATER, by=other, answer="The minutes say otherwise.")
    second = proposed(order, other, pools={"referral": {"berta": 10_000}})
    service.approve(override_id=second.pk, at=LATER, by=one)
    heal(now=LATER)
    assert earned(make.ChannelPartner.objects.get(code="berta")) == [("REFERRAL", 100_00, "held")]
    third = proposed(order, one, pools={"referral": {"anna": 10_000}})
    service.approve(override_id=third.pk, at=LATER + days(1), by=other)
    heal(now=LATER + days(1))
    assert sum(amount for _, amount, _ in earned(make.ChannelPartner.objects.get(code="berta"))) == 0
    assert sum(amount for _, amount, _ in earned(make.ChannelPartner.objects.get(code="anna"))) == 100_00
    assert list(findings()) == []


@pytest.mark.parametrize(
    ("pools", "lines", "message"),
    [
        ({"referral": {"anna": 9_999}}, (), "sum to 100"),
        ({"referral": {"anna": 10_000, "berta": 0}}, (), "above zero"),
        ({"bonus": {"anna": 10_000}}, (), "not a pool"),
        ({"referral": {"nobody": 10_000}}, (), "may earn nothing on an order of that day: nobody"),
        ({"referral": {"anna": 10_000}}, ("ORD-9/1",), "has no line ORD-9/1"),
    ],
)
def test_what_cannot_become_credits_is_refused(people: Any, pools: Any, lines: Any, message: str) -> None:
    order = sold()
    with pytest.raises(NotPossible, match=message):
        proposed(order, people[0], pools=pools, lines=lines)
    assert Override.objects.count() == 0


def test_a_lost_rating_is_owed_again_once(people: Any) -> None:
    one, other = people
    order = sold()
    service.approve(override_id=proposed(order, one).pk, at=LATER, by=other)
    assert RatingRun.objects.filter(cause="re-attribution:2", state="pending").count() == 1
    heal(now=LATER)
    heal(now=LATER)
    run = RatingRun.objects.get(cause="re-attribution:2")
    assert rating.rate(run_id=run.pk, now=LATER) == "done"
    assert order.accruals.count() == 3


def test_a_refund_after_an_override_ends_at_zero(people: Any) -> None:
    from tests.factories.commissions import refunded

    one, other = people
    order = sold()
    service.approve(override_id=proposed(order, one).pk, at=LATER, by=other)
    heal(now=LATER)
    refunded(order, LATER + days(1))
    for code in ("anna", "berta"):
        assert sum(amount for _, amount, _ in earned(make.ChannelPartner.objects.get(code=code))) == 0
    assert list(findings()) == []
