"""What the fake of Stripe remembers, so that every process of a store sees the same. Empty where Stripe is real."""

from django.db import models


class FakeObject(models.Model):
    """An account, transfer, reversal, event or onboarding link, as its JSON would be answered."""

    id = models.CharField(max_length=64, primary_key=True)
    sequence = models.PositiveBigIntegerField(unique=True)  # lists are newest first
    kind = models.CharField(max_length=30, db_index=True)
    group = models.CharField(max_length=120, blank=True, db_index=True)
    data = models.JSONField()

    class Meta:
        ordering = ("-sequence",)

    def __str__(self) -> str:
        return self.id


class FakeKey(models.Model):
    """An idempotency key with the request it came with, and the answer once there is one."""

    key = models.CharField(max_length=255, unique=True)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)  # 0 while the request runs
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class FakeFault(models.Model):
    """A fault that the next matching requests run into."""

    kind = models.CharField(max_length=30)
    method = models.CharField(max_length=6)
    path = models.CharField(max_length=120)  # the start of it
    left = models.PositiveSmallIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.kind} at {self.method} {self.path}"
