"""Subscriptions to software and support, and each time one of them falls due."""

from datetime import date

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.companies.models import Company
from shop.forks.catalogue.models import Product
from shop.forks.order.models import Line, Order
from shop.payments.models import Payment
from shop.subscriptions.models.plan import Plan


class Subscription(models.Model):
    """A running contract for one order line, renewed as its plan says until it ends. Days are days of UTC.

    `unit_price` is the net price of one unit for one interval as last agreed; it is locked until the commitment ends.
    `term_months` 0 is "monthly without obligation", as the product was offered.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Past due")
        SUSPENDED = "suspended", _("Suspended")
        CANCELLED = "cancelled", _("Cancelled")
        ENDED = "ended", _("Ended")

    RUNNING = (Status.ACTIVE, Status.PAST_DUE)

    key = models.CharField(max_length=40, unique=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="subscriptions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="subscriptions")
    first_line = models.OneToOneField(Line, on_delete=models.PROTECT, related_name="subscription")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions", verbose_name=_("plan"))
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = models.DecimalField(_("price of one unit"), max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    # What a unit will cost from the renewal on `priced_for` on, as found in advance; None: it cannot be renewed.
    next_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    priced_for = models.DateField(null=True, blank=True)
    credit = models.DecimalField(
        _("credit for the next renewals"), max_digits=12, decimal_places=2, default=0
    )  # net, from changes to less
    payment_kind = models.CharField(
        _("paid"), max_length=10, choices=Company.PaymentMethod, default=Company.PaymentMethod.INVOICE
    )
    term_months = models.PositiveSmallIntegerField()
    started_on = models.DateField()
    # Due dates are counted from here: renewal `anchor_cycle` falls on `anchored_on`.
    anchored_on = models.DateField()
    anchor_cycle = models.PositiveSmallIntegerField(default=0)
    commitment_cycle = models.PositiveSmallIntegerField(default=0)  # the renewal with which the commitment began
    aligned_on = models.DateField(null=True, blank=True)  # where the next period is to end, to meet others
    cycle = models.PositiveSmallIntegerField(default=0)  # renewals so far
    next_due_on = models.DateField(db_index=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    status_reason = models.CharField(_("reason"), max_length=200, blank=True)
    # Set while it is cancelled for a day that has not come yet; until then the buyer may think again.
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    cancel_fee = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("next_due_on", "id")
        indexes = (models.Index(fields=["status", "next_due_on"], name="subscription_due"),)
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")

    def __str__(self) -> str:
        return f"{self.product} ({self.company})"

    @property
    def is_running(self) -> bool:
        return self.status in self.RUNNING

    @property
    def interval_months(self) -> int:
        """Months from one renewal to the next."""
        return self.plan.interval_months

    def due_on(self, cycle: int) -> date:
        """The date of renewal `cycle`, counted from the anchor, so that the 31st never drifts to the 28th."""
        return self.anchored_on + relativedelta(months=(cycle - self.anchor_cycle) * self.interval_months)

    @property
    def committed_until(self) -> date | None:
        """The day on which the running commitment ends, and with it the lock of the price; None without one."""
        months = self.plan.commitment_months
        return self.due_on(self.commitment_cycle + months // self.interval_months) if months else None

    @property
    def is_locked_at_renewal(self) -> bool:
        """Whether the next renewal still lies within the commitment."""
        until = self.committed_until
        return until is not None and self.next_due_on < until

    @property
    def renews_on(self) -> date | None:
        """The day of the next renewal; None when there will be none."""
        is_ending = self.ends_on is not None and self.ends_on <= self.next_due_on
        return None if is_ending or not self.is_running else self.next_due_on


class Occurrence(models.Model):
    """One renewal date of a subscription, and the order that came of it: at most one.

    What is charged before the order exists is frozen here with the first try, so that the order is what was paid.
    """

    class State(models.TextChoices):
        DUE = "due", _("Due")
        PAYING = "paying", _("Being paid")
        PLACED = "placed", _("Placed")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Not renewed")

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="occurrences")
    cycle = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    order = models.OneToOneField(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="renewal_occurrence"
    )
    state = models.CharField(max_length=10, choices=State)
    attempts = models.PositiveSmallIntegerField(default=0)  # of placing
    last_error = models.TextField(blank=True)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(null=True, blank=True)
    unit_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)  # for a whole interval
    net = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    charged = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)  # tax included
    credit_left = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    payment = models.OneToOneField(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="renewal"
    )  # the latest try, and then the one that paid
    tries = models.PositiveSmallIntegerField(default=0)  # of payment
    next_try_on = models.DateField(null=True, blank=True, db_index=True)
    grace_until = models.DateField(null=True, blank=True)  # from this day on it is suspended

    class Meta:
        ordering = ("subscription", "cycle")
        constraints = (
            models.UniqueConstraint(fields=["subscription", "due_on"], name="occurrence_once"),
            models.CheckConstraint(
                condition=~models.Q(state="placed") | models.Q(order__isnull=False), name="occurrence_placed_has_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.subscription} {self.due_on}"
