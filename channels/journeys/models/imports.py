"""Files of touchpoints that somebody brought, from the upload to the rows."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TouchImport(models.Model):
    """One file: checked row by row first, then added whole or not at all.

    `content` is kept until the rows are in or the file is refused; the report stays.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        REFUSED = "refused", _("Refused")
        ADDING = "adding", _("Being added")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    encoding = models.CharField(max_length=20, blank=True)
    separator = models.CharField(max_length=1, blank=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_seen = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(default=0)
    rows_wrong = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)  # [{row, column, value, problem, advice}], the first thousand
    last_error = models.TextField(blank=True)
    sent_at = models.DateTimeField(
        null=True
    )  # when its work was handed out last; None for files from before that was kept
    attempts = models.PositiveSmallIntegerField(default=0)  # how often lost work was handed out again
    created_at = models.DateTimeField(_("uploaded"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.name
