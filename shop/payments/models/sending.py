"""What a row needs to ask Stripe for one thing, once, however often it asks."""

from datetime import datetime, timedelta

from django.db import models

KEY_LIVES = timedelta(hours=23)  # Stripe forgets keys once they are a day old


class SentOnce(models.Model):
    """A row that stands for one object at Stripe. `services.once` does the asking."""

    sent_at = models.DateTimeField(null=True, blank=True)  # first asked under the present key
    key_number = models.PositiveSmallIntegerField(default=1)  # a key whose answer decides nothing is spent

    class Meta:
        abstract = True

    def idempotency_key(self) -> str:
        return f"{self.sending_name()}-{self.key_number}"

    def sending_name(self) -> str:
        """Name the row in all the world, for ever the same."""
        raise NotImplementedError

    def key_is_spent(self, at: datetime) -> bool:
        return self.sent_at is not None and at - self.sent_at >= KEY_LIVES
