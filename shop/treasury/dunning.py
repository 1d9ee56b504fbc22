"""What is reminded of and charged again: invoices and renewals in one list, by when the next step is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Max, QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.billing.ageing import DUE
from shop.billing.models import Invoice
from shop.subscriptions.models import Occurrence, Plan, Subscription

Status = Subscription.Status


class Kind(TextChoices):
    INVOICE = "invoice", gettext_lazy("Invoice")
    RENEWAL = "renewal", gettext_lazy("Renewal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One debt and what happens next. `on` None: nothing by itself, somebody has to call."""

    kind: Kind
    pk: int  # of the invoice or the subscription
    subject: str
    company: str
    amount: Decimal | None
    currency: str
    due_on: date
    done: int  # reminders written, or payments tried
    on: date | None
    text: str


def steps(*, on: date, kind: str = "") -> list[Step]:
    """Return every debt with its next step, what nothing moves by itself first, then by day. Two queries."""
    found = [*_of_invoices(on)] if kind != Kind.RENEWAL else []
    found += [*_of_renewals()] if kind != Kind.INVOICE else []
    return sorted(found, key=lambda step: (step.on or date.min, step.due_on, step.kind, step.pk))


def overdue_invoices(*, on: date) -> QuerySet[Invoice]:
    return Invoice.objects.filter(state=Invoice.State.OPEN, due_on__lt=on)


def unpaid_renewals() -> QuerySet[Occurrence]:
    """Return the renewals that were tried and are not paid: past due, or suspended for it."""
    under_way = (Occurrence.State.FAILED, Occurrence.State.PAYING)
    return Occurrence.objects.filter(state__in=under_way, subscription__status__in=(Status.PAST_DUE, Status.SUSPENDED))


def _of_invoices(on: date) -> Iterator[Step]:
    rows = overdue_invoices(on=on).annotate(told=Max("reminders__level"), left=DUE)
    columns = ("pk", "number", "order__purchase__company__name", "left", "currency", "due_on", "told")
    for pk, number, company, left, currency, due_on, told in rows.order_by("pk").values_list(*columns):
        next_on, text = _next_reminder(due_on, told or 0, on)
        yield Step(
            kind=Kind.INVOICE, pk=pk, subject=number, company=company, amount=left, currency=currency, due_on=due_on,
            done=told or 0, on=next_on, text=text,
        )  # fmt: skip


def _next_reminder(due_on: date, told: int, on: date) -> tuple[date | None, str]:
    """Levels that were slept through are not made up for: the next one is the highest that is reached by then."""
    days = settings.REMINDER_DAYS
    reached = sum((on - due_on).days >= distance for distance in days)
    level = max(told + 1, reached)
    if level > len(days):
        return None, _("The last reminder was sent: call")
    return due_on + timedelta(days=days[level - 1]), _("Reminder %d") % level


def _of_renewals() -> Iterator[Step]:
    rows = unpaid_renewals().select_related(
        "subscription__product__parent", "subscription__company", "subscription__plan"
    )
    for row in rows.order_by("pk"):
        subscription = row.subscription
        next_on, text = _next_try(row)
        yield Step(
            kind=Kind.RENEWAL, pk=subscription.pk, subject=subscription.product.get_title(),
            company=subscription.company.name, amount=row.charged, currency=subscription.currency, due_on=row.due_on,
            done=row.tries, on=next_on, text=text,
        )  # fmt: skip


def _next_try(row: Any) -> tuple[date | None, str]:
    if row.subscription.status == Status.SUSPENDED:
        return None, _("Suspended until it is paid: call")
    if row.next_try_on:
        if row.state == Occurrence.State.PAYING:
            return row.next_try_on, _("The buyer is reminded to confirm")
        return row.next_try_on, _("Payment is tried again")
    is_suspended = row.subscription.plan.after_grace == Plan.AfterGrace.SUSPEND
    return row.grace_until, _("Is suspended") if is_suspended else _("Is cancelled")
