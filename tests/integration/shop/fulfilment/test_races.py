"""Two people send the same goods at the same moment. The race has a twin that shows what would happen without the lock."""

from unittest import mock
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from shop.fulfilment.errors import MoreThanLeft
from shop.fulfilment.models import Shipment
from shop.fulfilment.services import shipments
from tests.factories import shop as make
from tests.harness.race import errors, race, together, values

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def placed():
    """Three units, beside an order of another company that has its own three allocated."""
    product = make.product(stock=10)
    make.place(make.buyer(), (product, 3))
    return make.place(make.buyer(), (product, 3))


def sender(order, *, key=None):
    line = order.lines.get()

    def send(_index):
        return shipments.ship(
            order_id=order.pk, key=key or uuid4(), quantities={line.pk: 2}, carrier="Fjordpost", at=order.date_placed
        )

    return send


def stock_of(order):
    record = order.lines.get().stockrecord
    return record.num_in_stock, record.num_allocated


def test_goods_leave_once_whoever_sends_them():
    order = placed()
    outcomes = race(6, sender(order))
    assert len(values(outcomes)) == 1
    assert [type(error) for error in errors(outcomes)] == [MoreThanLeft] * 5
    assert (Shipment.objects.count(), stock_of(order)) == (1, (8, 4))


def test_one_button_pressed_at_once_sends_one_shipment():
    order = placed()
    with together("shop.fulfilment.services.leaving.left_to_ship", patience=1.5):
        outcomes = race(2, sender(order, key=uuid4()))
    assert errors(outcomes) == []
    assert len({shipment.pk for shipment in values(outcomes)}) == 1
    assert stock_of(order) == (8, 4)


def test_without_the_lock_one_of_them_breaks():
    """The twin: both find nothing sent; only the database's own constraint stops the second, with an error."""
    order = placed()
    with (
        mock.patch.object(QuerySet, "select_for_update", lambda rows, **_: rows),
        together("shop.fulfilment.services.leaving.left_to_ship", patience=5),
    ):
        outcomes = race(2, sender(order, key=uuid4()))
    assert [type(error) for error in errors(outcomes)] == [IntegrityError]
    assert Shipment.objects.count() == 1
