"""What follows an order never reaches the buyer: not when a step fails, and not when the broker is away."""

import pytest
from django.core import mail
from kombu.exceptions import OperationalError
from oscar.apps.analytics.models import UserRecord
from oscar.apps.order.models import Order

from shop.buying import tasks
from shop.buying.services import after_placing
from tests.factories import shop as make

pytestmark = pytest.mark.django_db


def test_a_failing_step_stops_no_other(monkeypatch, caplog, django_capture_on_commit_callbacks):
    def fails(order_id: int) -> None:
        raise RuntimeError("the mail server is away")

    monkeypatch.setattr(after_placing, "confirm", fails)
    person = make.buyer()
    with django_capture_on_commit_callbacks(execute=True):
        order = make.place(person, (make.product(), 1))
    assert Order.objects.filter(pk=order.pk).exists()
    assert mail.outbox == []
    assert UserRecord.objects.get(user=person).num_orders == 1
    assert "fails failed for order" in caplog.text


def test_without_a_broker_the_follow_ups_run_here_and_once(monkeypatch, django_capture_on_commit_callbacks):
    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.follow_up, "delay", away)
    person = make.buyer()
    with django_capture_on_commit_callbacks(execute=True):
        make.place(person, (make.product(), 1))
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert UserRecord.objects.get(user=person).num_orders == 1


def test_an_order_that_notifies_nobody_sends_no_mail(django_capture_on_commit_callbacks):
    person = make.buyer()
    with django_capture_on_commit_callbacks(execute=True):
        make.place(person, (make.product(), 1), notify=False)
    assert mail.outbox == []
    assert UserRecord.objects.get(user=person).num_orders == 1
