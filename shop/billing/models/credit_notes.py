"""Credit notes: the opposite of an invoice, or of some of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.billing.models.documents import Document, DocumentLine
from shop.billing.models.invoices import Invoice, InvoiceLine


class CreditNote(Document):
    """What is taken back of an invoice; its amounts are positive. Append-only."""

    is_append_only = True

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    take_back = models.OneToOneField(
        "shop_returns.TakeBack", null=True, on_delete=models.PROTECT, related_name="credit_note"
    )
    reason = models.CharField(_("reason"), max_length=255)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(Document.Meta):
        ordering = ("-issued_at", "-id")


class CreditNoteLine(DocumentLine):
    """Units of one invoice line taken back. Append-only."""

    is_append_only = True

    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines")
    invoice_line = models.ForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="credited")

    class Meta(DocumentLine.Meta):
        constraints = (models.UniqueConstraint(fields=["credit_note", "position"], name="credit_note_line_position"),)
