"""What waits for somebody, how long it may wait, and whether that is an alarm."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, F, Min, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.billing.models import Invoice, Receipt, Reminder
from shop.billing.statements import midnight
from shop.payments import gateway
from shop.payments.models import Dispute, EventCursor, Payment, WebhookEvent
from shop.returns.models import Repayment, ReturnRequest
from shop.treasury import dunning, stuck
from shop.treasury.reconciling.differences import Period
from shop.treasury.reconciling.reconcile import differences
from shop.treasury.stuck import LATE, Halt

AT_ONCE, DAYS, WEEK = timedelta(0), timedelta(days=3), timedelta(days=7)
LOOK_BACK = timedelta(days=92)  # how far back differences are looked for
BEHIND = timedelta(hours=3)  # run_due runs every hour
COUNTED = "treasury.differences"  # in the cache: the queries are too many for every look at the front page
COUNTED_FOR = 600  # seconds


@dataclass(frozen=True, slots=True)
class Found:
    """How many, and since when the oldest of them waits, where that is known."""

    count: int
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """One kind of thing that waits. `patience` None: it moves by itself, and alarms nobody."""

    code: str
    label: Any
    look: Callable[[datetime], Found]
    patience: timedelta | None
    permission: str  # of the page
    page: str
    query: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a watch found."""

    watch: Watch
    found: Found
    is_alarm: bool

    @property
    def url(self) -> str:
        return reverse(self.watch.page) + self.watch.query

    @property
    def word(self) -> Any:
        if self.is_alarm:
            return _("Act now")
        return _("Waiting") if self.found.count else _("Nothing waits")

    @property
    def tone(self) -> str:
        return "alarm" if self.is_alarm else "waiting" if self.found.count else "calm"


def look(*, now: datetime, may: Callable[[str], bool] | None = None) -> list[Waiting]:
    """Return what each watch finds, of those whose page is open to who asks. A query each, whatever the number of rows."""
    found = [(watch, watch.look(now)) for watch in WATCHES if may is None or may(watch.permission)]
    return [Waiting(watch, seen, _is_alarm(watch, seen, now)) for watch, seen in found]


def _is_alarm(watch: Watch, found: Found, now: datetime) -> bool:
    if watch.patience is None or not found.count:
        return False
    return found.oldest is None or found.oldest <= now - watch.patience


def count_differences(*, now: datetime) -> Found:
    """Count the differences of the last months, and keep the count for a while."""
    today = timezone.localdate(now)
    rows = differences(Period(first=today - LOOK_BACK, last=today, currency="", now=now))
    found = Found(len(rows), min((row.at for row in rows if row.at), default=None))
    cache.set(COUNTED, found, COUNTED_FOR)
    return found


def _differences(now: datetime) -> Found:
    return cache.get(COUNTED) or count_differences(now=now)


def _of(rows: QuerySet[Any], field: str) -> Found:
    found = rows.order_by().aggregate(count=Count("pk"), oldest=Min(field))
    oldest = found["oldest"]
    is_day = isinstance(oldest, date) and not isinstance(oldest, datetime)
    return Found(found["count"], midnight(oldest) if is_day else oldest)


def _attempts(now: datetime, *, halts: tuple[str, ...]) -> Found:
    rows = stuck.attempts(now=now, halts=halts)
    return _of(rows, "updated_at")


def _untold(now: datetime) -> Found:
    rows = Payment.objects.filter(version__gt=F("told_version"), updated_at__lte=now - LATE)
    return _of(rows, "updated_at")


def _events(now: datetime, *, state: str) -> Found:
    return _of(WebhookEvent.objects.filter(state=state, received_at__lte=now - LATE), "received_at")


def _behind(now: datetime) -> Found:
    """The reconciler has not read Stripe's events for hours: beat, or Stripe, is away. The fake has nothing to lose."""
    if gateway.is_fake() or not gateway.is_set_up():
        return Found(0)
    read_until = EventCursor.objects.values_list("read_until", flat=True).first()
    is_behind = read_until is None or read_until < now - BEHIND
    return Found(int(is_behind), read_until if is_behind else None)


def _overdue(now: datetime) -> Found:
    return _of(dunning.overdue_invoices(on=timezone.localdate(now)), "due_on")


def _repayments(_now: datetime, *, state: str) -> Found:
    return _of(Repayment.objects.filter(state=state), "asked_at")


def _told_in_vain(now: datetime) -> Found:
    """Invoices that the last reminder did not get paid."""
    last = Reminder.objects.filter(level__gte=len(settings.REMINDER_DAYS), invoice__state=Invoice.State.OPEN)
    return _of(last, "at")


MONEY_BACK = "shop_returns.view_repayment"
OURS = (ReturnRequest.State.REQUESTED, ReturnRequest.State.RECEIVED, ReturnRequest.State.INSPECTED)
HERE, EVENTS = "shop_treasury.view_waiting", "shop_payments.view_webhookevent"
State = WebhookEvent.State
HOUR = timedelta(hours=1)

WATCHES = (
    Watch(
        "differences", _("Differences between Stripe, orders and books"),
        _differences, AT_ONCE, "shop_treasury.view_reconciliation", "reconciliation", "?currency=",
    ),
    Watch(
        "attempts-paid", _("Attempts paid and not ordered"),
        partial(_attempts, halts=(Halt.PAID,)), AT_ONCE, HERE, "stuck_attempts", "?halt=paid",
    ),
    Watch(
        "attempts-open", _("Attempts over, their payment still open"),
        partial(_attempts, halts=(Halt.OVER, Halt.STOPPED)), HOUR, HERE, "stuck_attempts",
    ),
    Watch(
        "refunds-failed", _("Refunds that failed"),
        lambda _now: _of(stuck.failed_refunds(), "updated_at"), AT_ONCE, HERE, "stuck_refunds",
    ),
    Watch(
        "refunds-unsent", _("Refunds not sent yet"),
        lambda now: _of(stuck.unsent_refunds(now=now), "requested_at"), AT_ONCE, HERE, "stuck_refunds",
    ),
    Watch(
        "payments-untold", _("Payments whose news nobody took in"),
        _untold, AT_ONCE, "shop_payments.view_payment", "payments",
    ),
    Watch(
        "webhooks-parked", _("Webhook events parked"),
        partial(_events, state=State.PARKED), AT_ONCE, EVENTS, "webhook_inbox", "?state=parked",
    ),
    Watch(
        "webhooks-waiting", _("Webhook events not applied yet"),
        partial(_events, state=State.RECEIVED), AT_ONCE, EVENTS, "webhook_inbox", "?state=received",
    ),
    Watch("reconciler-behind", _("Stripe's events not read for hours"), _behind, AT_ONCE, EVENTS, "webhook_inbox"),
    Watch(
        "disputes-open", _("Disputed payments waiting for our answer"),
        lambda _now: _of(Dispute.objects.filter(state=Dispute.State.NEEDS_RESPONSE), "opened_at"), DAYS,
        "shop_payments.view_dispute", "payment_disputes", "?state=needs_response",
    ),
    Watch(
        "transfers-unknown", _("Transfers of unknown payers"),
        lambda _now: _of(Receipt.objects.filter(company=None, bookings=None), "at"), DAYS,
        "shop_billing.view_invoice", "receipts", "?waiting=on",
    ),
    Watch(
        "returns-waiting", _("Returns waiting for us"),
        lambda _now: _of(ReturnRequest.objects.filter(state__in=OURS), "changed_at"), DAYS,
        "shop_returns.view_returnrequest", "returns",
    ),
    Watch(
        "repayments-waiting", _("Money to release"),
        partial(_repayments, state=Repayment.State.WAITING), DAYS, MONEY_BACK, "repayments",
    ),
    Watch(
        "repayments-failed", _("Released money that came back"),
        partial(_repayments, state=Repayment.State.FAILED), AT_ONCE, MONEY_BACK, "repayments",
    ),
    Watch("invoices-overdue", _("Overdue invoices"), _overdue, None, HERE, "dunning", "?kind=invoice"),
    Watch(
        "invoices-told-in-vain", _("Invoices unpaid after the last reminder"),
        _told_in_vain, WEEK, HERE, "dunning", "?kind=invoice",
    ),
    Watch(
        "renewals-unpaid", _("Renewals not paid"),
        lambda _now: _of(dunning.unpaid_renewals(), "due_on"), None, HERE, "dunning", "?kind=renewal",
    ),
)  # fmt: skip
