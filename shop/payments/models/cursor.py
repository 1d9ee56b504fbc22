"""How far the reconciler has read."""

from django.db import models


class EventCursor(models.Model):
    """One row: Stripe's events up to `read_until` are in the inbox, whether they were delivered or not."""

    read_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.read_until:%Y-%m-%d %H:%M}"
