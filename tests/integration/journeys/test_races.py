"""Two at once. Each race has a twin which shows that it happens when the guard is off."""

import threading
from typing import Any

import pytest
from django.db.models import QuerySet

from channels.audit.models import AuditEvent
from channels.journeys.models import (
    AttributionRun,
    CompanyMerge,
    CompanyProfile,
    Credit,
    Relationship,
    RelationshipEnd,
    Touchpoint,
)
from channels.journeys.services import attribution, merges, relationships, touch_imports
from tests.factories import channels as make
from tests.factories.channels import NOON, days
from tests.harness.race import errors, race, together, values

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def run_id(monkeypatch: pytest.MonkeyPatch) -> int:
    """A pending run: the task that would follow the commit is lost."""
    monkeypatch.setattr("channels.journeys.tasks.attribute_order.delay", lambda run_id: None)
    make.policy()
    make.company()
    make.touch(make.partner("alfa"), NOON - days(1))
    return make.pending_run(make.order("A-1")).pk


def test_attributing_in_eight_places_at_once_credits_once(run_id: int) -> None:
    outcomes = race(8, lambda _: attribution.attribute(run_id=run_id, now=NOON).state)

    assert [outcome.value for outcome in outcomes] == ["done"] * 8
    assert list(Credit.objects.values_list("partner__code", "share_bp")) == [("alfa", 10_000)]
    run = AttributionRun.objects.get(pk=run_id)
    assert (run.state, run.attempts, run.last_error) == ("done", 1, "")


def test_without_the_lock_they_collide(run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's uniqueness still lets no second credit in, but only by failing the latecomers' work."""
    read_before_writing(monkeypatch)
    outcomes = race(2, lambda _: attribution.attribute(run_id=run_id, now=NOON))

    assert errors(outcomes) == []
    assert Credit.objects.count() == 1
    assert COLLISIONS == ["IntegrityError"]


def test_two_stewards_at_once_leave_one() -> None:
    make.company()
    codes = [make.partner(f"p{number}").code for number in range(6)]

    outcomes = race(6, lambda index: set_steward(codes[index]))

    assert errors(outcomes) == []
    assert (Relationship.objects.count(), RelationshipEnd.objects.count()) == (6, 5)
    assert Relationship.objects.filter(end__isnull=True).count() == 1


def test_without_the_company_lock_two_stewards_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    make.company()
    codes = [make.partner(f"p{number}").code for number in range(2)]
    meet = meeting(2)
    monkeypatch.setattr(relationships, "lock_company", lambda key: CompanyProfile.objects.get(key=key))
    rows = relationships._rows
    monkeypatch.setattr(relationships, "_rows", lambda *args: meet(rows(*args)))

    race(2, lambda index: set_steward(codes[index]))

    assert Relationship.objects.filter(end__isnull=True).count() == 2


def set_steward(code: str) -> None:
    relationships.set_renewal_steward(company_key="fjord", partner_code=code, valid_from=NOON, at=NOON, source="desk")


def test_merges_in_opposite_directions_leave_one() -> None:
    pair = [make.company("fjord").pk, make.company("bakken").pk]

    outcomes = race(2, lambda index: merge(pair[index], pair[1 - index]))

    assert [type(error).__name__ for error in errors(outcomes)] == ["MergeNotAllowed"]
    assert CompanyMerge.objects.count() == 1


def test_without_the_lock_two_companies_are_merged_into_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = [make.company("fjord").pk, make.company("bakken").pk]
    meet = meeting(2)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self)
    create = CompanyMerge.objects.create
    monkeypatch.setattr(CompanyMerge.objects, "create", lambda **values: create(**meet(values)))

    race(2, lambda index: merge(pair[index], pair[1 - index]))

    assert CompanyMerge.objects.count() == 2


def merge(company_id: int, survivor_id: int) -> None:
    merges.merge(company_id=company_id, survivor_id=survivor_id, reason="One company", at=NOON)


COLLISIONS: list[str] = []


def read_before_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the lock off, and let nobody write credits before everybody read the run as pending."""
    COLLISIONS.clear()
    meet = meeting(2)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self)
    complete, fail = attribution._complete, attribution._fail
    monkeypatch.setattr(attribution, "_complete", lambda run, now: complete(meet(run), now))

    def noted(run_id: int, error: Exception, now: Any) -> AttributionRun:
        COLLISIONS.append(type(error).__name__)
        return fail(run_id, error, now)

    monkeypatch.setattr(attribution, "_fail", noted)


def meeting(size: int) -> Any:
    """Return a function that hands its argument back once `size` threads are there."""
    barrier = threading.Barrier(size, timeout=20)

    def meet(value: Any) -> Any:
        barrier.wait()
        return value

    return meet


def test_adding_a_file_in_four_places_at_once_adds_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.journeys.tasks.work_on_touch_import.delay", lambda import_id: None)
    make.company("fjord")
    rows = "".join(f"{number},2026-02-01,call,fjord\n" for number in range(50))
    found = touch_imports.upload(name="a.csv", content=f"key,at,kind,company\n{rows}".encode(), at=NOON)
    touch_imports.check(import_id=found.pk, now=NOON)
    touch_imports.accept(import_id=found.pk, at=NOON)

    outcomes = race(4, lambda _: touch_imports.add(import_id=found.pk, now=NOON).state)

    assert [outcome.value for outcome in outcomes] == ["done"] * 4
    assert Touchpoint.objects.count() == 50
    assert AuditEvent.objects.filter(verb="touchpoints.imported").count() == 1


def test_without_the_lock_it_is_told_more_than_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys still let no row in twice."""
    monkeypatch.setattr("channels.journeys.tasks.work_on_touch_import.delay", lambda import_id: None)
    make.company("fjord")
    found = touch_imports.upload(name="a.csv", content=b"key,at,kind,company\n1,2026-02-01,call,fjord\n", at=NOON)
    touch_imports.check(import_id=found.pk, now=NOON)
    touch_imports.accept(import_id=found.pk, at=NOON)
    meet = meeting(2)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self)
    write = Touchpoint.objects.bulk_create
    monkeypatch.setattr(Touchpoint.objects, "bulk_create", lambda rows, **how: write(meet(list(rows)), **how))

    race(2, lambda _: touch_imports.add(import_id=found.pk, now=NOON))

    assert Touchpoint.objects.count() == 1
    assert AuditEvent.objects.filter(verb="touchpoints.imported").count() == 2


def test_two_sweepers_send_a_lost_file_once(sent_files: list[int]) -> None:
    with together(LOST_FILE, patience=2):
        outcomes = race(2, lambda _: touch_imports.resume(now=NOON + days(1)))

    assert sorted(values(outcomes)) == [0, 1]
    assert len(sent_files) == 1


def test_without_the_lock_two_sweepers_send_it_twice(sent_files: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self)
    with together(LOST_FILE, patience=5):
        outcomes = race(2, lambda _: touch_imports.resume(now=NOON + days(1)))

    assert values(outcomes) == [1, 1]
    assert len(sent_files) == 2


LOST_FILE = "channels.journeys.services.touch_imports._is_lost"


@pytest.fixture
def sent_files(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A file that nobody works on; what is sent from now on."""
    sent: list[int] = []
    monkeypatch.setattr("channels.journeys.tasks.work_on_touch_import.delay", sent.append)
    touch_imports.upload(name="lost.csv", content=b"key,at,kind,company", at=NOON)
    sent.clear()
    return sent
