"""The drawing of a journey: marks in the order of time, lanes in the order in which they appear."""

from datetime import UTC, datetime, timedelta

from channels.journeys.selectors.timeline import LABELS, WIDTH, Event, drawing

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(days: float, lane: str = "You") -> Event:
    return Event(START + timedelta(days=days), lane, "Call")


def test_nothing_is_no_drawing() -> None:
    assert drawing([]) is None


def test_marks_stand_where_their_time_is() -> None:
    found = drawing([at(100), at(0), at(50, "The order")])
    assert found is not None
    assert [(mark.event.lane, mark.x, mark.y) for mark in found.marks] == [
        ("You", 184, 27),
        ("The order", 458, 61),
        ("You", 732, 27),
    ]
    assert found.lanes == (("You", 27), ("The order", 61))
    assert [tick.x for tick in found.ticks] == [184, 321, 458, 595, 732]
    assert [tick.anchor for tick in found.ticks] == ["start", "middle", "middle", "middle", "end"]
    assert all(LABELS < mark.x < WIDTH for mark in found.marks)


def test_a_single_moment_stands_in_the_middle_with_one_day_below() -> None:
    found = drawing([at(0), at(0)])
    assert found is not None
    assert {mark.x for mark in found.marks} == {458}
    assert [tick.at for tick in found.ticks] == [START]


def test_a_short_journey_has_no_more_days_than_it_lasted() -> None:
    found = drawing([at(0), at(2)])
    assert found is not None
    assert [tick.at.day for tick in found.ticks] == [1, 2, 3]
