"""Two at once on a dispute or an override. Each race has a twin that shows what would happen without the lock."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.db import connections

from channels.commissions.models import Accrual, Dispute, LedgerHead
from channels.commissions.selectors import verification
from channels.commissions.services import disputes, holds, locks, reviews
from channels.commissions.services import overrides as service
from channels.journeys.models import AttributionRun, OrderRecord, Override
from channels.journeys.services import overrides
from channels.notices.models import Notice
from tests.factories import channels as make
from tests.factories.commissions import credit, credited, paid, programme
from tests.harness.race import errors, race, together, values

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NOON, days = make.NOON, make.days
LATER = NOON + days(3)
# Beyond the hold: paid on 3 March, and 30 days of the return window.
RELEASE = NOON + days(40)


@pytest.fixture(autouse=True)
def _lost_tasks() -> Iterator[None]:
    with (
        mock.patch("channels.commissions.services.facts.send_rating"),
        mock.patch("channels.journeys.services.orders._send"),
        mock.patch("channels.notices.services._send"),
    ):
        yield


def sold(*, held: bool = False) -> OrderRecord:
    make.policy()
    programme()
    anna = make.partner("anna")
    make.partner("berta")
    order = credited("ORD-1", lines=(make.line("ORD-1/1", 1_000_00),))
    credit(order.attribution_runs.get(), (anna, "referral", 10_000), held=held)
    paid(order)
    return order


def proposed(order: OrderRecord, by: Any) -> Override:
    return overrides.propose(
        order_id=order.pk, lines=(), pools={"referral": {"berta": 10_000}}, reason="x", evidence="y", at=LATER, by=by
    )


@contextlib.contextmanager
def without_order_locks() -> Iterator[None]:
    """Read the order and the proposal without waiting for anybody."""

    def locked(override_id: int) -> Override:
        proposal = Override.objects.select_related("order").get(pk=override_id)
        if proposal.state != Override.State.PROPOSED:
            raise overrides.NotPossible
        return proposal

    with (
        mock.patch.object(overrides, "_locked_order", lambda pk: OrderRecord.objects.get(pk=pk)),
        mock.patch.object(overrides, "_locked", locked),
        mock.patch.object(locks, "lock_orders", list),
    ):
        yield


def test_of_two_who_approve_at_once_one_does() -> None:
    order = sold()
    proposal = proposed(order, make.user())
    deciders = [make.user() for _ in range(4)]

    outcomes = race(4, lambda n: service.approve(override_id=proposal.pk, at=LATER, by=deciders[n]).sequence)

    assert values(outcomes) == [2]
    assert [type(error) for error in errors(outcomes)] == [overrides.NotPossible] * 3
    assert AttributionRun.objects.filter(order=order).count() == 2
    assert Notice.objects.filter(kind="override.approved").count() == 2


def test_without_the_lock_the_database_refuses_the_second_run() -> None:
    """The twin: both see a proposal, and only the run's unique sequence saves the order from two."""
    order = sold()
    proposal = proposed(order, make.user())
    deciders = [make.user(), make.user()]
    with without_order_locks(), together("channels.journeys.selectors.overrides.run_in_force", patience=5):
        outcomes = race(2, lambda n: service.approve(override_id=proposal.pk, at=LATER, by=deciders[n]).sequence)
    assert values(outcomes) == [2]
    assert [type(error).__name__ for error in errors(outcomes)] == ["IntegrityError"]
    assert AttributionRun.objects.filter(order=order).count() == 2


def test_the_proposer_in_two_tabs_approves_nothing() -> None:
    order, one = sold(), make.user()
    proposal = proposed(order, one)
    outcomes = race(6, lambda n: service.approve(override_id=proposal.pk, at=LATER, by=one))
    assert values(outcomes) == []
    assert {type(error) for error in errors(outcomes)} == {overrides.NotPossible}
    proposal.refresh_from_db()
    assert (proposal.state, AttributionRun.objects.filter(order=order).count()) == ("proposed", 1)


def test_of_two_proposals_at_once_one_is_kept() -> None:
    order, people = sold(), [make.user() for _ in range(4)]
    outcomes = race(4, lambda n: proposed(order, people[n]).pk)
    assert len(values(outcomes)) == 1
    assert {type(error) for error in errors(outcomes)} == {overrides.NotPossible}
    assert Override.objects.count() == 1


def under_review() -> Dispute:
    sold()
    anna = make.ChannelPartner.objects.get(code="anna")
    dispute = disputes.dispute_credit(
        partner_id=anna.pk, order_number="ORD-1", kind="amount", reason="x", at=LATER, by=None
    )
    return disputes.take_up(dispute_id=dispute.pk, at=LATER, by=make.user())


def test_of_two_who_decide_at_once_one_does() -> None:
    dispute, people = under_review(), [make.user(), make.user()]
    acts = [
        lambda: disputes.reject(dispute_id=dispute.pk, answer="No.", at=LATER, by=people[0]),
        lambda: disputes.uphold_with_adjustment(
            dispute_id=dispute.pk, line_key="ORD-1/1", amount_minor=5_00, answer="Yes.", at=LATER, by=people[1]
        ),
        lambda: disputes.withdraw(dispute_id=dispute.pk, at=LATER, by=None),
    ]
    outcomes = race(3, lambda n: acts[n]().state)
    assert len(values(outcomes)) == 1
    assert {type(error) for error in errors(outcomes)} == {disputes.NotPossible}
    dispute.refresh_from_db()
    assert dispute.state == values(outcomes)[0]
    assert dispute.entries.exclude(step__in=("opened", "take_up")).count() == 1


def test_without_the_lock_two_decide() -> None:
    dispute, people = under_review(), [make.user(), make.user()]

    def read(dispute_id: int) -> Dispute:
        return Dispute.objects.select_related("partner", "order", "override").get(pk=dispute_id)

    with (
        mock.patch.object(disputes, "_locked", read),
        together("channels.commissions.services.disputes._locked", patience=5),
    ):
        outcomes = race(
            2, lambda n: disputes.reject(dispute_id=dispute.pk, answer=f"No {n}.", at=LATER, by=people[n]).state
        )
    assert values(outcomes) == ["rejected", "rejected"]
    assert dispute.entries.filter(step="reject").count() == 2


def opened_and_released() -> list[Any]:
    anna = make.ChannelPartner.objects.get(code="anna")
    acts = [
        lambda: disputes.dispute_credit(
            partner_id=anna.pk, order_number="ORD-1", kind="amount", reason="x", at=RELEASE, by=None
        ),
        lambda: holds.release_due(now=RELEASE),
    ]
    return race(2, lambda n: acts[n]())


def test_a_release_and_an_opening_at_once_leave_the_money_on_hold() -> None:
    sold()
    assert errors(opened_and_released()) == []
    assert Accrual.objects.get().state == "held"
    assert list(verification.findings()) == []


def test_without_the_heads_lock_a_release_slips_past_the_opening() -> None:
    """The twin: the release has read what waits when the dispute is opened, and releases it all the same."""
    sold()
    LedgerHead.objects.get()
    read = holds._waiting

    def dispute_meanwhile() -> Any:
        rows = list(read().values_list("pk", flat=True))
        other = threading.Thread(target=opened_now)  # on a connection of its own, while the release is under way
        other.start()
        other.join(60)
        return Accrual.objects.filter(pk__in=rows)

    def opened_now() -> None:
        anna = make.ChannelPartner.objects.get(code="anna")
        disputes.dispute_credit(
            partner_id=anna.pk, order_number="ORD-1", kind="amount", reason="x", at=RELEASE, by=None
        )
        connections.close_all()

    with (
        mock.patch.object(locks, "lock_head", side_effect=lambda: LedgerHead.objects.get(pk=1)),
        mock.patch.object(holds, "_waiting", dispute_meanwhile),
    ):
        assert holds.release_due(now=RELEASE) == 1
    assert Dispute.objects.get().state == "open"
    assert Accrual.objects.get().state == "payable"  # frozen by a dispute, and payable


def test_of_two_who_decide_a_review_at_once_one_does() -> None:
    sold(held=True)
    accrual, by = Accrual.objects.get(), make.user()
    acts = [reviews.clear, reviews.reject, reviews.clear, reviews.reject]
    outcomes = race(4, lambda n: acts[n](accrual_id=accrual.pk, at=LATER, by=by, reason="x"))
    assert len(values(outcomes)) == 1
    assert {type(error) for error in errors(outcomes)} == {reviews.NotPossible}
    assert Notice.objects.count() == 1
