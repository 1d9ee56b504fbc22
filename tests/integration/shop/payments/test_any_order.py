"""Whatever the order of Stripe's deliveries, and however often each comes: the end is that of the order of events."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from shop.payments.fake_stripe import deliveries
from shop.payments.models import Payment, WebhookEvent
from shop.payments.services import handlers, inbox, payments
from tests.factories import payment_stories as stories
from tests.factories.payments import NOW
from tests.harness.race import errors, race

State = WebhookEvent.State
SEED = 20_260_302


class _Undo(Exception):
    pass


def in_order(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the events come to one after the other, and leave no trace."""
    try:
        with transaction.atomic():
            for event in events:
                assert handlers.handle(event, at=NOW)
            outcome = stories.outcome()
            raise _Undo
    except _Undo:
        return outcome


def shuffled(events: list[dict[str, Any]], times: int) -> list[dict[str, Any]]:
    """Return so many deliveries: each event at least once, in no order."""
    chance = random.Random(SEED)
    drawn = events + chance.choices(events, k=times - len(events))
    chance.shuffle(drawn)
    return drawn


def finish() -> None:
    """Let what failed for now be tried again, as the sweeper does."""
    at = NOW
    while WebhookEvent.objects.filter(state=State.RECEIVED).exists():
        at += timedelta(hours=1)
        inbox.apply_waiting(now=at, limit=10_000)


def check(events: list[dict[str, Any]], times: int, expected: dict[str, Any]) -> None:
    assert stories.outcome() == expected
    rows = WebhookEvent.objects.values_list("state", "deliveries")
    assert (len(rows), {state for state, _n in rows}, sum(n for _state, n in rows)) == (
        len(events), {State.APPLIED}, times,
    )  # fmt: skip


@pytest.mark.django_db
def test_five_hundred_deliveries_in_no_order(django_capture_on_commit_callbacks: Any) -> None:
    events = stories.told(56)
    expected = in_order(events)
    assert {state for _reference, state, *_rest in expected["payments"]} == {
        "succeeded", "created", "cancelled", "failed",
    }  # fmt: skip
    with django_capture_on_commit_callbacks():
        for event in shuffled(events, 500):
            deliveries.deliver(event, at=NOW)
        finish()
    check(events, 500, expected)


@pytest.mark.django_db
def test_a_state_that_may_go_back_would_end_elsewhere(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """The twin: the latest delivery wins."""
    events = stories.told(56)
    expected = in_order(events)

    class Latest:
        def index(self, state: str) -> int:
            return 0

    monkeypatch.setattr(payments, "ORDER", Latest())
    monkeypatch.setattr(payments, "max", lambda old, new, key: new, raising=False)
    with django_capture_on_commit_callbacks():
        for event in shuffled(events, 500):
            deliveries.deliver(event, at=NOW)
        finish()
    assert stories.outcome() != expected


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_deliveries_over_eight_threads(heard: list) -> None:
    events = stories.told(1_088)
    assert len(events) == 4_196
    expected = in_order(events)
    drawn = shuffled(events, 10_000)

    def deliver(thread: int) -> None:
        for event in drawn[thread::8]:
            deliveries.deliver(event, at=NOW)

    assert errors(race(8, deliver)) == []
    finish()
    check(events, 10_000, expected)
    untold = [row for row in Payment.objects.all() if row.told_version != row.version]
    assert untold == []
    assert {reference for reference, _state in heard} == {row.reference for row in Payment.objects.all()}
