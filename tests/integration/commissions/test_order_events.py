"""Events come in once, and take back no more than there is."""

from datetime import timedelta

import pytest

from channels.commissions.models import RatingRun
from channels.commissions.services.facts import InvalidReversal, UnknownOrder, record_order_event
from channels.contracts import OrderEventFacts, OrderEventKind, ReversedLine
from channels.journeys.models import OrderEvent, OrderRecord
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
DAY = make.NOON + timedelta(days=1)


@pytest.fixture
def order() -> OrderRecord:
    lines = (make.line("ORD-A/1", 90_00, quantity=3), make.line("ORD-A/2", 10_00))
    return make.order("ORD-A", lines=lines)


def refund(*lines: ReversedLine, kind: OrderEventKind = OrderEventKind.REFUNDED) -> OrderEventFacts:
    return OrderEventFacts(key="refund-1", order_number="ORD-A", kind=kind, at=DAY, lines=lines)


def test_the_same_key_again_changes_nothing(order: OrderRecord) -> None:
    """The first event stands, whatever the second says."""
    facts = OrderEventFacts(key="paid-1", order_number="ORD-A", kind=OrderEventKind.PAID, at=DAY)
    record_order_event(facts)
    record_order_event(facts)
    record_order_event(OrderEventFacts(key="paid-1", order_number="ORD-A", kind=OrderEventKind.DELIVERED, at=DAY))
    assert list(OrderEvent.objects.values_list("key", "kind")) == [("paid-1", "paid")]
    assert list(RatingRun.objects.values_list("cause", "state")) == [("paid-1", "pending")]


def test_an_unknown_order_is_named() -> None:
    """And nothing is kept."""
    with pytest.raises(UnknownOrder, match="order ORD-A was never recorded"):
        record_order_event(refund())
    assert OrderEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (ReversedLine(line_key="ORD-B/1", quantity=1, net_minor=1), "the order has no line ORD-B/1"),
        (ReversedLine(line_key="ORD-A/1", quantity=4, net_minor=0), "takes back 4 units and 0, but 3 units and 9000"),
        (ReversedLine(line_key="ORD-A/1", quantity=1, net_minor=90_01), "takes back 1 units and 9001"),
        (ReversedLine(line_key="ORD-A/1", quantity=-1, net_minor=5), "less than nothing"),
        (ReversedLine(line_key="ORD-A/1", quantity=1, net_minor=-5), "less than nothing"),
        (ReversedLine(line_key="ORD-A/1", quantity=0, net_minor=0), "takes back nothing"),
    ],
)
def test_a_reversal_that_is_not_there_is_refused(order: OrderRecord, line: ReversedLine, message: str) -> None:
    """A clear sentence, and no event."""
    with pytest.raises(InvalidReversal, match=message):
        record_order_event(refund(line))
    assert (OrderEvent.objects.count(), RatingRun.objects.count()) == (0, 0)


def test_several_reversals_count_together(order: OrderRecord) -> None:
    """Two refunds, or two parts of one, do not exceed the line."""
    money.happened(order, OrderEventKind.REFUNDED, DAY, ("ORD-A/1", 2, 60_00))
    with pytest.raises(InvalidReversal, match="but 1 units and 3000 are left"):
        money.happened(order, OrderEventKind.CANCELLED, DAY, ("ORD-A/1", 2, 30_00))
    twice = ReversedLine(line_key="ORD-A/1", quantity=1, net_minor=20_00)
    with pytest.raises(InvalidReversal, match="but 0 units and 1000 are left"):
        record_order_event(refund(twice, twice))
    assert OrderEvent.objects.count() == 1


def test_without_lines_everything_left_is_taken_back(order: OrderRecord) -> None:
    """Written down line by line; when nothing is left the next one is refused."""
    money.happened(order, OrderEventKind.REFUNDED, DAY, ("ORD-A/1", 2, 60_00))
    record_order_event(refund(kind=OrderEventKind.CANCELLED))
    assert OrderEvent.objects.get(key="refund-1").lines == [
        {"line_key": "ORD-A/1", "quantity": 1, "net_minor": 30_00},
        {"line_key": "ORD-A/2", "quantity": 1, "net_minor": 10_00},
    ]
    with pytest.raises(InvalidReversal, match="nothing is left of order ORD-A"):
        money.happened(order, OrderEventKind.REFUNDED, DAY)


def test_a_payment_takes_nothing_back(order: OrderRecord) -> None:
    """Lines belong to refunds and cancellations."""
    with pytest.raises(InvalidReversal, match="only refunds and cancellations"):
        money.happened(order, OrderEventKind.PAID, DAY, ("ORD-A/1", 1, 1))
    assert OrderEvent.objects.count() == 0
