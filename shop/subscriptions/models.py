"""Subscriptions to software and support, and each time one of them falls due."""

from datetime import date

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.companies.models import Company
from shop.forks.catalogue.models import Product
from shop.forks.order.models import Line, Order


class Subscription(models.Model):
    """A running contract for one order line. Renews for the same term, at the price of the day, until cancelled.

    `term_months` 0 is "monthly without obligation": it renews every month.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        CANCELLED = "cancelled", _("Cancelled")

    key = models.CharField(max_length=40, unique=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="subscriptions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="subscriptions")
    first_line = models.OneToOneField(Line, on_delete=models.PROTECT, related_name="subscription")
    quantity = models.PositiveIntegerField()
    term_months = models.PositiveSmallIntegerField()
    started_on = models.DateField()
    cycle = models.PositiveSmallIntegerField(default=0)  # renewals so far
    next_due_on = models.DateField(db_index=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("next_due_on", "id")

    def __str__(self) -> str:
        return f"{self.product} ({self.company})"

    @property
    def interval_months(self) -> int:
        """Months from one renewal to the next."""
        return self.term_months or 1

    def due_on(self, cycle: int) -> date:
        """The date of renewal `cycle`, counted from the start, so that the 31st never drifts to the 28th."""
        return self.started_on + relativedelta(months=cycle * self.interval_months)


class Occurrence(models.Model):
    """One renewal date of a subscription, and the order that came of it: at most one."""

    class State(models.TextChoices):
        PLACED = "placed", _("Placed")
        FAILED = "failed", _("Failed")

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="occurrences")
    cycle = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    order = models.OneToOneField(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="renewal_occurrence"
    )
    state = models.CharField(max_length=10, choices=State)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ("subscription", "cycle")
        constraints = (models.UniqueConstraint(fields=["subscription", "due_on"], name="occurrence_once"),)

    def __str__(self) -> str:
        return f"{self.subscription} {self.due_on}"
