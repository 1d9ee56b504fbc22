"""What a channel partner was told, when, and whether the e-mail about it has left."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.partners.models import ChannelPartner


class Notice(models.Model):
    """One thing told to a partner. `key` is built from its cause, so that a replay tells nothing twice.

    `subject` and `body` are the English source texts with `params` for their places: whoever reads them, on the page or
    by e-mail, reads them in the own language. It is read once for the whole partner, as a letter to an office is.
    """

    class Audience(models.TextChoices):
        ALL = "all", _("Everybody")
        OWNER = "owner", _("Owners")
        FINANCE = "finance", _("Finance and owners")

    key = models.CharField(max_length=200, unique=True)
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="notices")
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.ALL)
    kind = models.CharField(max_length=40)  # what it is about, e.g. "dispute.decided"
    subject = models.CharField(max_length=200)
    body = models.TextField()
    params = models.JSONField(default=dict)
    path = models.CharField(max_length=300, blank=True)  # the portal page it leads to
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    # The e-mail: `mailed_to` holds the users who have it, so that a second try writes to the others alone.
    mailed_at = models.DateTimeField(null=True, blank=True)
    mailed_to = models.JSONField(default=list)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=["partner", "at"], name="notice_partner_at"),
            models.Index(fields=["at"], condition=models.Q(mailed_at__isnull=True), name="notice_unmailed"),
            models.Index(fields=["partner"], condition=models.Q(read_at__isnull=True), name="notice_unread"),
        )

    def __str__(self) -> str:
        return f"{self.partner}: {self.kind}"
