"""Two at once on the undercut guard. Each race has a twin that shows what would happen without the guard."""

import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.db.models import QuerySet
from django.urls import reverse

from channels.audit.models import AuditEvent
from channels.contracts import GuardOutcome
from channels.harmony.models import BuyTerm, GuardCheck, GuardFinding, GuardOverride
from channels.harmony.services import guard, overrides
from channels.notices.models import Notice
from tests.factories import channels as make
from tests.factories import harmony
from tests.harness.race import Outcome, errors, race, together, values
from tests.integration.harmony import worlds

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NOON, days = make.NOON, make.days


@pytest.fixture(autouse=True)
def _lost_tasks() -> Iterator[None]:
    with mock.patch("channels.notices.services._send"):
        yield


def requested() -> GuardOverride:
    worlds.partner()
    return overrides.request(
        check_id=worlds.blocked().pk, reason="A trade fair.", expires_at=NOON + days(30), at=NOON, actor=make.user()
    )


def decide_twice(override: GuardOverride) -> list[Outcome]:
    """One approves and one rejects; the first waits for the other before its transaction ends."""
    people = [make.user(), make.user()]

    def decide(place: int) -> str:
        decided = overrides.decide(
            override_id=override.pk, is_approved=place == 0, reason="So be it.", at=NOON + days(1), actor=people[place]
        )
        return str(decided.state)

    with together("channels.harmony.services.overrides.record", patience=1.5):
        return race(2, decide)


def decisions() -> list[str]:
    verbs = ("guard.override_approved", "guard.override_rejected")
    return sorted(AuditEvent.objects.filter(verb__in=verbs).values_list("verb", flat=True))


def test_of_two_who_decide_on_an_override_at_once_one_does() -> None:
    override = requested()
    outcomes = decide_twice(override)
    assert [type(error) for error in errors(outcomes)] == [overrides.OverrideNotAllowed]
    override.refresh_from_db()
    assert values(outcomes) == [override.state]
    assert decisions() == [f"guard.override_{override.state}"]


def test_twin_without_the_lock_it_is_approved_and_rejected() -> None:
    override = requested()
    with mock.patch.object(QuerySet, "select_for_update", lambda rows, **_: rows):
        outcomes = decide_twice(override)
    assert sorted(values(outcomes)) == ["approved", "rejected"]
    assert decisions() == ["guard.override_approved", "guard.override_rejected"]


def record_twice() -> list[Outcome]:
    """The same promotion saved by two people; both have asked what it hurts before either writes."""
    worlds.partner()
    harmony.mode(promotions="extend")
    reverse("portal:guarantee")  # the first use loads every URL, which may take longer than a lock is waited for
    facts = harmony.price_check(harmony.proposal(60_00))
    with together("channels.harmony.selectors.guard.verdict", patience=20):
        return race(2, lambda _: guard.record_price_check(facts))


def kept() -> dict[str, Any]:
    return {
        "checks": GuardCheck.objects.count(),
        "findings": GuardFinding.objects.count(),
        "terms": BuyTerm.objects.filter(source="promotion").count(),
        "notices": Notice.objects.count(),
    }


def test_the_same_prices_recorded_at_once_are_one_check() -> None:
    """The second finds the key of the first, and gives the same answer."""
    outcomes = record_twice()
    assert errors(outcomes) == []
    assert [verdict.outcome for verdict in values(outcomes)] == [GuardOutcome.EXTENDED] * 2
    assert kept() == {"checks": 1, "findings": 1, "terms": 1, "notices": 1}


def test_twin_without_a_common_key_they_count_twice() -> None:
    """As if each press were a check of its own: the partner's price would be lowered, and the partner told, twice."""
    key = guard._key
    with mock.patch.object(guard, "_key", lambda *told: f"{key(*told)}:{threading.get_ident()}"):
        outcomes = record_twice()
    assert errors(outcomes) == []
    assert kept() == {"checks": 2, "findings": 2, "terms": 2, "notices": 2}
