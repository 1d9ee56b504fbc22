"""The harness keeps its promises: rows come back, races race, other hosts are out of reach."""

import socket
import threading

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from pytest_socket import SocketConnectBlockedError

from tests.harness import baseline
from tests.harness.race import errors, race, values


def rows() -> dict[str, int]:
    """Count what the baseline holds."""
    from wagtail.models import Collection, Locale, Page

    return {
        "roots": Page.objects.filter(depth=1).count(),
        "collections": Collection.objects.filter(depth=1).count(),
    } | {"locales": Locale.objects.filter(language_code="en").count()}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", ["first", "second"])
def test_a_test_that_commits_leaves_nothing_and_finds_the_baseline(run: str) -> None:
    """Whatever the previous run committed is gone, and Wagtail's roots are there."""
    assert not Group.objects.filter(name__startswith="left behind").exists()
    assert cache.get("left-behind") is None
    assert rows() == {"roots": 1, "collections": 1, "locales": 1}
    Group.objects.create(name=f"left behind by the {run}")
    cache.set("left-behind", run)


@pytest.mark.django_db(transaction=True)
def test_restore_empties_and_refills() -> None:
    """`restore` ends at the very rows that it remembered."""
    before = rows()
    groups = Group.objects.count()
    Group.objects.create(name="passing")
    baseline.restore()
    assert rows() == before
    assert Group.objects.count() == groups


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_contenders_meet_at_the_barrier() -> None:
    """All are in the action at the same time, each on its own connection, and the outcomes keep their order."""
    meeting = threading.Barrier(8)

    def act(index: int) -> str:
        meeting.wait(20)
        if index == 3:
            raise ValueError("third")
        return Group.objects.create(name=f"contender {index}").name

    outcomes = race(8, act)
    assert values(outcomes) == [f"contender {index}" for index in (0, 1, 2, 4, 5, 6, 7)]
    assert [(type(error), str(error)) for error in errors(outcomes)] == [(ValueError, "third")]
    assert Group.objects.filter(name__startswith="contender").count() == 7


@pytest.mark.django_db
def test_a_race_inside_a_transaction_is_refused() -> None:
    """Other threads would not see its rows, so the test would prove nothing."""
    assert connection.in_atomic_block
    with pytest.raises(AssertionError, match="needs django_db"):
        race(2, lambda index: index)


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_other_hosts_are_out_of_reach() -> None:
    """A connection to any address but this machine's fails in the test that tried it."""
    with socket.socket() as probe, pytest.raises(SocketConnectBlockedError):
        probe.connect(("192.0.2.1", 80))


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_postgres_stage_runs_on_postgres() -> None:
    """The marker promises the server."""
    assert connection.vendor == "postgresql"
