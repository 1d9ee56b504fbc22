"""Commission programmes and their published versions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.audit import append_only


class Programme(models.Model):
    """A named set of commission rules; its versions hold the terms.

    One programme is in force at any moment: the published version with the latest `effective_from`, whichever
    programme it belongs to. So a new programme replaces the old one from a date on, and nothing is paid twice.
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ProgrammeVersion(models.Model):
    """One version of a programme's terms. Immutable once published; an order keeps the version of its day."""

    is_append_only = True
    append_only_when = append_only.PUBLISHED

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    terms = models.JSONField()  # channels.commissions.engine ProgrammeTerms
    effective_from = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("programme", "-version")
        constraints = (
            models.UniqueConstraint(fields=["programme", "version"], name="programme_version"),
            models.CheckConstraint(
                condition=models.Q(status="draft") | models.Q(effective_from__isnull=False, published_at__isnull=False),
                name="programme_published_has_dates",
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme} v{self.version}"
