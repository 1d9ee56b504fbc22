"""Files of prices on their way into a list."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.pricing.models import PriceList


class PriceImport(models.Model):
    """One file for one list: checked row by row first, then taken over whole or not at all.

    `content` is kept until the prices are in, or for a month; the report stays.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        REFUSED = "refused", _("Refused")
        WRITING = "writing", _("Being taken over")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="imports", verbose_name=_("list"))
    name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    encoding = models.CharField(max_length=20, blank=True)
    separator = models.CharField(max_length=1, blank=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_seen = models.PositiveIntegerField(default=0)
    rows_added = models.PositiveIntegerField(default=0)
    rows_changed = models.PositiveIntegerField(default=0)
    rows_same = models.PositiveIntegerField(default=0)
    rows_wrong = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)  # [{row, column, value, code, more}], the first thousand
    changes = models.JSONField(default=list)  # [{row, sku, title, min_quantity, old, new, dates}], the first hundred
    last_error = models.TextField(blank=True)
    heartbeat_at = models.DateTimeField()  # when somebody last worked on it, or was asked to
    attempts = models.PositiveSmallIntegerField(default=0)  # how often lost work was handed out again
    created_at = models.DateTimeField(_("uploaded"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("file of prices")
        verbose_name_plural = _("files of prices")

    def __str__(self) -> str:
        return self.name
