"""Exchange rates as they were recorded, with their source."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ExchangeRate(models.Model):
    """On a day one `base` was worth numerator/denominator `quote`: an exact ratio of whole units, never a float.

    A wrong rate is corrected by a row with the next revision; what was converted keeps the row that it names.
    """

    is_append_only = True

    on = models.DateField(_("day"))
    base = models.CharField(_("one"), max_length=3)
    quote = models.CharField(_("is worth"), max_length=3)
    numerator = models.PositiveBigIntegerField()
    denominator = models.PositiveBigIntegerField()
    revision = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(_("source"), max_length=120)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-on", "base", "quote", "-revision")
        constraints = (
            models.UniqueConstraint(fields=["on", "base", "quote", "revision"], name="rate_once_per_revision"),
            models.CheckConstraint(
                condition=models.Q(numerator__gt=0, denominator__gt=0) & ~models.Q(base=models.F("quote")),
                name="rate_is_a_ratio",
            ),
        )

    def __str__(self) -> str:
        return f"{self.on} {self.base}/{self.quote}"

    @property
    def text(self) -> str:
        """The rate as it was written: every stored one has a finite decimal."""
        return f"{(Decimal(self.numerator) / Decimal(self.denominator)).normalize():f}"
