"""Reminders of overdue invoices: each level once, to whoever pays, with the invoice itself."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override
from kombu.exceptions import OperationalError

from shop.billing.models import Invoice, Reminder
from shop.billing.papers import files, paper
from shop.billing.services import paying
from shop.buying.models import OrderParticipant
from shop.buying.services import letters

logger = logging.getLogger(__name__)

MAIL_WITHIN = timedelta(days=7)  # an older one, of a store that was away, is not worth a letter any more
PAUSE = timedelta(minutes=5)


def remind_due(*, now: datetime) -> int:
    """Write the reminders that are due, one for each invoice: the highest level that its days overdue have reached.

    Safe to repeat, and to run late: a level that was slept through is not made up for. Returns how many are new.
    """
    first = now.date() - timedelta(days=settings.REMINDER_DAYS[0])
    rows = Invoice.objects.filter(state=Invoice.State.OPEN, due_on__lte=first).annotate(told=Max("reminders__level"))
    due = [row.pk for row in rows.order_by("pk") if _level(row, now) > (row.told or 0)]
    return sum(_remind(pk, now) for pk in due)


def send_waiting(*, now: datetime) -> int:
    """Mail what was written and not mailed, for want of a worker or a mail server."""
    rows = Reminder.objects.filter(mailed_at=None, at__lte=now - PAUSE, at__gt=now - MAIL_WITHIN)
    return sum(mail(reminder_id=pk, now=now) for pk in rows.values_list("pk", flat=True))


def mail(*, reminder_id: int, now: datetime) -> bool:
    """Mail a reminder unless it left already or is out of date. One that fails waits for `send_waiting`."""
    waiting = Reminder.objects.filter(pk=reminder_id, mailed_at=None, at__gt=now - MAIL_WITHIN)
    if not waiting.update(mailed_at=now):  # first come: nobody else sends it
        return False
    reminder = Reminder.objects.select_related("invoice__order__purchase__company").get(pk=reminder_id)
    try:
        _send(reminder)
    except Exception:
        logger.exception("The reminder of %s could not be mailed.", reminder.invoice.number)
        Reminder.objects.filter(pk=reminder_id).update(mailed_at=None)
        return False
    return True


@transaction.atomic
def _remind(invoice_id: int, now: datetime) -> bool:
    invoice = Invoice.objects.select_for_update().get(pk=invoice_id)
    level = _level(invoice, now)
    told = invoice.reminders.aggregate(level=Max("level"))["level"] or 0
    is_busy = bool(paying.on_their_way([invoice]))
    if invoice.state != Invoice.State.OPEN or invoice.amount_due <= 0 or level <= told or is_busy:
        return False
    reminder = Reminder.objects.create(
        invoice=invoice,
        level=level,
        days_overdue=(now.date() - invoice.due_on).days,
        amount_due=invoice.amount_due,
        at=now,
    )
    transaction.on_commit(lambda: _mail_later(reminder.pk), robust=True)
    return True


def _level(invoice: Invoice, now: datetime) -> int:
    overdue = (now.date() - invoice.due_on).days
    return sum(overdue >= days for days in settings.REMINDER_DAYS)


def _mail_later(reminder_id: int) -> None:
    from shop.billing.tasks import mail_reminder

    try:
        mail_reminder.delay(reminder_id)
    except OperationalError:
        logger.warning("The broker is away: reminder %s waits.", reminder_id)


def _send(reminder: Reminder) -> None:
    invoice = reminder.invoice
    part = OrderParticipant.Part
    to = letters.addresses(invoice.order, part.PAYER) or letters.addresses(invoice.order, part.BUYER)
    if not to:
        return
    with override(settings.LANGUAGE_CODE):
        context = {
            "reminder": reminder,
            "invoice": invoice,
            "company": invoice.order.purchase.company,
            "iban": invoice.sold_by.get("iban", ""),
            "is_last": reminder.level >= len(settings.REMINDER_DAYS),
            "shop_name": settings.OSCAR_SHOP_NAME,
            "address": settings.BASE_URL + reverse("customer:invoices"),
        }
        subject, _, body = render_to_string("emails/invoice_reminder.txt", context).strip().partition("\n")
        message = EmailMessage(subject, body.strip(), settings.DEFAULT_FROM_EMAIL, to)
        sheet = paper.of_invoice(invoice)
        message.attach(files.name_of(sheet, "pdf"), files.pdf_of(sheet), "application/pdf")
        message.send()
