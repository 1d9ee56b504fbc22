"""Statements of account, ages of debts, and reminders: each level once, whenever the clock is asked."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from shop.billing import ageing, statements
from shop.billing.ageing import Age
from shop.billing.models import Invoice, Reminder
from shop.billing.services import invoices, reminders
from shop.billing.statements import Kind
from shop.returns.services import take_backs
from tests.factories import shop

pytestmark = pytest.mark.django_db
D = Decimal


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def invoice(person: Any, when: datetime, price: str = "1000.00") -> Invoice:
    return shop.place(person, (shop.product(price=price), 1), now=when).invoice


def test_a_statement_runs_from_what_was_owed_to_what_is_owed() -> None:
    person = shop.buyer()
    before, within, after = (invoice(person, when) for when in (at(1, 31, 23), at(2, 1, 0), at(3, 1, 0)))
    invoices.record_payment(invoice_id=before.pk, amount=D(250), key="a", at=at(1, 31), reference="JAN")
    invoices.mark_paid(invoice_id=before.pk, at=at(2, 10), reference="FEB")
    take_backs.take_back(
        order_id=before.order_id,
        quantities={before.order.lines.get().pk: 1},
        key="t",
        at=at(2, 20),
        reason="Broken",
    )
    invoices.pay_back(invoice_id=before.pk, amount=D(1250), key="b", at=at(2, 28, 23))
    invoices.mark_paid(invoice_id=after.pk, at=at(3, 2))
    found = statements.of(Invoice.objects.all(), currency="EUR", first=date(2026, 2, 1), last=date(2026, 2, 28))
    note = before.credit_notes.get().number
    assert (found.opening, found.closing) == (D("1000.00"), D("1250.00"))
    assert [(row.day.day, row.kind, row.number, row.amount, row.balance) for row in found.movements] == [
        (1, Kind.INVOICE, within.number, D("1250.00"), D("2250.00")),
        (10, Kind.PAYMENT, before.number, D("-1000.00"), D("1250.00")),
        (20, Kind.CREDIT_NOTE, note, D("-1250.00"), D("0.00")),
        (28, Kind.PAID_BACK, before.number, D("1250.00"), D("1250.00")),
    ]
    whole = statements.of(Invoice.objects.all(), currency="EUR", first=date(2026, 1, 1), last=date(2026, 12, 31))
    assert whole.closing == sum(row.amount_due for row in Invoice.objects.all()) == D("1250.00")


@pytest.mark.parametrize(
    ("days", "age"),
    [(-5, "current"), (0, "current"), (1, "30"), (30, "30"), (31, "60"), (60, "60"), (61, "90"), (90, "90"),
     (91, "older"), (500, "older")],
)  # fmt: skip
def test_each_debt_has_one_age(days: int, age: str) -> None:
    made = invoice(shop.buyer(), at(2, 1))
    (aged,) = ageing.aged(Invoice.objects.all(), on=made.due_on + timedelta(days=days))
    assert {name: amount for name, amount in aged.by_age.items() if amount} == {Age(age): D("1250.00")}
    assert aged.overdue == (0 if age == Age.CURRENT else D("1250.00"))


# --- reminders ----------------------------------------------------------------------------------------------------


def told() -> list[tuple[int, int]]:
    return list(Reminder.objects.order_by("pk").values_list("level", "days_overdue"))


def run(*days: int, due: date) -> None:
    for day in days:
        reminders.remind_due(now=datetime(due.year, due.month, due.day, 2, 30, tzinfo=UTC) + timedelta(days=day))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (range(60), [(1, 3), (2, 14), (3, 30)]),  # each day
        (range(0, 60, 7), [(1, 7), (2, 14), (3, 35)]),  # each week
        ((2, 45), [(3, 45)]),  # after a month's pause: what was slept through is not made up for
        ((3, 3, 3), [(1, 3)]),
    ],
)
def test_each_level_is_sent_once(days: Any, expected: list[tuple[int, int]]) -> None:
    made = invoice(shop.buyer(), at(2, 1))
    run(*days, due=made.due_on)
    assert told() == expected


def test_what_is_paid_cancelled_or_credited_is_left_alone() -> None:
    person = shop.buyer()
    paid, cancelled, part = (invoice(person, at(2, 1)) for _ in range(3))
    invoices.mark_paid(invoice_id=paid.pk, at=at(2, 2))
    line = cancelled.order.lines.get()
    take_backs.take_back(
        order_id=cancelled.order_id, quantities={line.pk: 1}, key="t", at=at(2, 2), reason="No longer needed"
    )
    invoices.record_payment(invoice_id=part.pk, amount=D(1000), key="k", at=at(2, 2))
    run(40, due=part.due_on)
    assert list(Reminder.objects.values_list("invoice__number", "amount_due")) == [(part.number, D("250.00"))]


def test_a_letter_goes_to_the_payer_with_the_invoice(django_capture_on_commit_callbacks: Any) -> None:
    person = shop.buyer()
    made = shop.place(person, (shop.product(price="1000.00"), 1), purchase_order_number="PO-5").invoice
    made.order.participants.create(part="payer", email="accounts@fjell.example.com")
    now = timezone.now()
    Invoice.objects.filter(pk=made.pk).update(due_on=now.date() - timedelta(days=14))
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        reminders.remind_due(now=now)
    (letter,) = mail.outbox
    assert letter.to == ["accounts@fjell.example.com"]
    assert letter.subject == f"Reminder: invoice {made.number} is overdue"
    assert "14 days ago" in letter.body
    assert "Your order number: PO-5" in letter.body
    assert f"payment reference: {made.number}" in letter.body
    assert letter.attachments[0][0] == f"{made.number}.pdf"
    assert reminders.mail(reminder_id=Reminder.objects.get().pk, now=now) is False
    assert len(mail.outbox) == 1


def test_a_letter_that_could_not_leave_goes_later_and_an_old_one_never(monkeypatch: pytest.MonkeyPatch) -> None:
    made, now = invoice(shop.buyer(), at(2, 1)), timezone.now()
    reminder = Reminder.objects.create(invoice=made, level=1, days_overdue=3, amount_due=1, at=now)
    old = Reminder.objects.create(invoice=made, level=2, days_overdue=14, amount_due=1, at=now - timedelta(days=8))
    mail.outbox.clear()

    def fail(*_args: Any) -> None:
        raise OSError("no mail server")

    with monkeypatch.context() as patched:
        patched.setattr(reminders, "_send", fail)
        assert reminders.mail(reminder_id=reminder.pk, now=now) is False
    assert reminders.send_waiting(now=now + timedelta(minutes=6)) == 1
    assert reminders.send_waiting(now=now + timedelta(minutes=12)) == 0
    old.refresh_from_db()
    assert (len(mail.outbox), old.mailed_at) == (1, None)
