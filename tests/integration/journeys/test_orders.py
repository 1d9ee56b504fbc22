"""Freezing a placed order."""

import pytest
from django.db import transaction

from channels.contracts import Medium
from channels.journeys.models import AttributionRun, CompanyProfile, Credit, OrderLine, OrderRecord
from channels.journeys.services import orders
from tests.factories import channels as make

pytestmark = pytest.mark.django_db


def test_an_order_is_frozen_with_its_lines_and_a_pending_run() -> None:
    reseller = make.partner("brisk")
    facts = make.placed(
        "A-1",
        through=reseller,
        lines=(make.line("A-1/1", 250_00), make.line("A-1/2", 99_90, quantity=3, term_months=12, cost_minor=40_00)),
    )

    orders.record_order(facts)

    order = OrderRecord.objects.get(number="A-1")
    assert (order.net_minor, order.currency, order.channel, order.chosen_partner) == (
        34_990,
        "EUR",
        "reseller",
        reseller,
    )
    assert order.medium == Medium.WEB.value
    assert list(order.lines.values_list("position", "key", "net_minor", "quantity", "term_months", "cost_minor")) == [
        (1, "A-1/1", 250_00, 1, None, None),
        (2, "A-1/2", 99_90, 3, 12, 40_00),
    ]
    assert order.facts["placed_at"] == "2026-03-02T12:00:00+00:00"
    assert order.facts["lines"][1]["categories"] == ["sensors", "pressure"]
    run = order.attribution_runs.get()
    assert (run.state, run.attempts, run.cause) == ("pending", 0, "placed")
    assert Credit.objects.count() == 0


def test_the_same_number_again_changes_nothing() -> None:
    orders.record_order(make.placed("A-1"))
    orders.record_order(make.placed("A-1", lines=(make.line("A-1/9", 1),)))

    assert OrderRecord.objects.get().net_minor == 100_00
    assert [row.key for row in OrderLine.objects.all()] == ["A-1/1"]
    assert AttributionRun.objects.count() == 1


def test_an_unknown_partner_does_not_stop_the_order(caplog: pytest.LogCaptureFixture) -> None:
    orders.record_order(make.placed("A-1", chosen_partner="nobody"))

    order = OrderRecord.objects.get()
    assert order.chosen_partner is None
    assert order.facts["chosen_partner"] == "nobody"
    assert [record.getMessage() for record in caplog.records] == ["Order A-1 names the unknown partner nobody."]


def test_the_company_is_kept_up_to_date_and_unchanged_facts_write_nothing(django_assert_num_queries: object) -> None:
    make.company(name="Fjord Process AS")
    orders.record_order(make.placed("A-1", company=make.company_facts(name="Fjord Process ASA", country="se")))

    assert CompanyProfile.objects.values_list("key", "name", "country").get() == ("fjord", "Fjord Process ASA", "SE")
    with django_assert_num_queries(3):  # type: ignore[operator]  # savepoint, read, release
        make.company(name="Fjord Process ASA", country="SE")


def test_a_rolled_back_order_leaves_nothing(django_capture_on_commit_callbacks: object) -> None:
    with django_capture_on_commit_callbacks() as callbacks:  # type: ignore[operator]
        try:
            with transaction.atomic():
                orders.record_order(make.placed("A-1"))
                raise RuntimeError
        except RuntimeError:
            pass

    assert callbacks == []
    assert (OrderRecord.objects.count(), AttributionRun.objects.count()) == (0, 0)


def test_attribution_follows_the_commit(django_capture_on_commit_callbacks: object) -> None:
    make.policy()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        orders.record_order(make.placed("A-1"))

    assert AttributionRun.objects.get().state == "done"


def test_a_failing_attribution_never_reaches_the_caller(
    django_capture_on_commit_callbacks: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No policy is in force, and in the second case not even the task can be sent."""
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        orders.record_order(make.placed("A-1"))
    run = AttributionRun.objects.get()
    assert (run.state, run.attempts) == ("failed", 1)

    def refuse(*args: object) -> None:
        raise ConnectionError("the broker is away")

    monkeypatch.setattr("channels.journeys.tasks.attribute_order.delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        orders.record_order(make.placed("A-2"))
    assert AttributionRun.objects.get(order__number="A-2").state == "pending"
