"""What a partner's brackets and limits have counted so far."""

from django.db import models

from channels.journeys.models import OrderRecord


class RuleCounter(models.Model):
    """The base or the commission that a rule counts over several orders. Its row is what two ratings at once wait for.

    `total_minor` is the sum of its entries; `verify_ledger` adds them up again.
    """

    key = models.CharField(max_length=200, unique=True)  # programme, then channels.commissions.engine.compiled
    total_minor = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key}: {self.total_minor}"


class CounterEntry(models.Model):
    """One order's place in a counter: in the order in which orders came to it. What it holds follows the order."""

    counter = models.ForeignKey(RuleCounter, on_delete=models.PROTECT, related_name="entries")
    order = models.ForeignKey(OrderRecord, on_delete=models.PROTECT, related_name="counter_entries")
    used_minor = models.BigIntegerField()

    class Meta:
        ordering = ("counter", "id")
        constraints = (models.UniqueConstraint(fields=["counter", "order"], name="counter_order_once"),)

    def __str__(self) -> str:
        return f"{self.order_id} in {self.counter_id}: {self.used_minor}"
