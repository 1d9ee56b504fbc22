"""The audit trail: one row per act of a person or a task on a channel record."""

from django.conf import settings
from django.db import models


class AuditEvent(models.Model):
    """Who did what, when and why. Rows are only ever added; a database trigger refuses the rest."""

    is_append_only = True

    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=60)  # e.g. "partner.suspended"
    subject_type = models.CharField(max_length=60)  # model label, e.g. "channels_partners.channelpartner"
    subject_id = models.CharField(max_length=64)
    subject_name = models.CharField(max_length=255)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=["subject_type", "subject_id"], name="audit_subject"),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.subject_name}"
