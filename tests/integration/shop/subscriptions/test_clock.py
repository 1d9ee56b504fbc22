"""Thirty-six months of a store: whatever the rhythm of its runs, each period has exactly one order."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta

from shop.billing.models import Invoice
from shop.forks.order.models import Order
from shop.subscriptions.models import Occurrence, RenewalNotice, Subscription
from shop.subscriptions.services import notices, renewals, reviews
from tests.factories import subscriptions as make

pytestmark = pytest.mark.django_db

OSLO = ZoneInfo("Europe/Oslo")
# On the 29th of February of a leap year, at a time that is the day before in Oslo's winter and the same in its summer.
FIRST = datetime(2024, 2, 29, 22, 30, tzinfo=UTC)
LAST = datetime(2027, 2, 28, 23, 0, tzinfo=OSLO)


def nights(step: int) -> Iterator[datetime]:
    """Every `step` days at half past two in Oslo: an hour that summer time leaves out, and winter time has twice."""
    day = date(2024, 3, 1)
    while day <= LAST.date():
        yield datetime(day.year, day.month, day.day, 2, 30, tzinfo=OSLO)
        day += timedelta(days=step)
    yield LAST


def paused() -> Iterator[datetime]:
    """Every night, but for a month in each spring and a week over each change of the clock in autumn."""
    for night in nights(1):
        if night.month != 3 and not (night.month == 10 and night.day > 23):
            yield night


def run(now: datetime) -> None:
    reviews.open_due(now=now)
    notices.announce_due(now=now)
    renewals.renew_due(now=now)


def world() -> list[Subscription]:
    person = None
    found = []
    for months in (0, 12, 36):
        subscription = make.subscribed(months, now=FIRST, person=person)
        person = subscription.user
        person.company = subscription.company
        found.append(subscription)
    return found


def books() -> list[tuple[int, date, str, str, datetime]]:
    rows = Occurrence.objects.order_by("subscription__term_months", "due_on")
    columns = rows.values_list("subscription__term_months", "due_on", "state", "net", "order__date_placed")
    return [(months, on, state, str(net), placed) for months, on, state, net, placed in columns]


def expected() -> list[tuple[int, date, str, str, datetime]]:
    """Counted from the first day by a calendar, and by nothing of the store's."""
    rows = []
    for months, number in ((0, 36), (12, 3), (36, 1)):
        for period in range(1, number + 1):
            on = date(2024, 2, 29) + relativedelta(months=period * (months or 1))
            rows.append((months, on, "placed", "1200.00", datetime(on.year, on.month, on.day, tzinfo=UTC)))
    return rows


@pytest.mark.parametrize("rhythm", [lambda: nights(1), lambda: nights(7), paused])
def test_every_rhythm_gives_one_order_for_each_period(rhythm, monkeypatch) -> None:
    monkeypatch.setattr(notices, "_schedule", lambda notice_id: None)
    world()
    for moment in rhythm():
        run(moment)
    run(LAST)

    assert books() == expected()
    assert Order.objects.count() == 3 + 40
    assert Invoice.objects.count() == 43


def test_the_clock_in_oslo_does_not_move_a_due_date() -> None:
    """A quarter to two at night in summer is still the day before for the store; nothing is early, nothing is late."""
    subscription = make.subscribed(0, now=datetime(2026, 6, 29, 12, tzinfo=UTC))
    before = datetime(2026, 7, 29, 1, 45, tzinfo=OSLO)
    assert renewals.renew_due(now=before) == {"renewals placed": 0, "renewals failed": 0}
    assert renewals.renew_due(now=before + timedelta(minutes=15)) == {"renewals placed": 1, "renewals failed": 0}
    assert make.fresh(subscription).next_due_on == date(2026, 8, 29)


def test_notices_come_once_each_and_after_a_pause_only_the_latest() -> None:
    subscription = make.subscribed(12, now=make.at("2026-01-31"))
    sent = RenewalNotice.objects.filter(kind="announced", reader="buyer").order_by("pk").values_list("step", flat=True)
    for day in ("2026-11-01", "2026-11-02", "2026-11-03", "2026-11-20", "2026-12-02", "2026-12-03"):
        notices.announce_due(now=make.at(day))
    assert list(sent.all()) == [90, 60]
    for day in ("2027-01-20", "2027-01-21"):
        notices.announce_due(now=make.at(day))
    assert list(sent.all()) == [90, 60, 30]

    other = make.subscribed(12, now=make.at("2026-01-31"))
    assert notices.announce_due(now=make.at("2027-01-25")) == 1  # a store that slept for three months
    assert list(other.notices.values_list("step", "reader")) == [(30, "buyer"), (30, "rep"), (30, "partner")]
    assert subscription.notices.count() == 9
