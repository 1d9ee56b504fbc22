"""The no-worse-off proof: both sides of the promise, per order line, partner and rating."""

from django.db import models

from channels.commissions.models import RatingRun
from channels.harmony.models.terms import BuyTerm
from channels.journeys.models import OrderLine
from channels.partners.models import Agreement, ChannelPartner


class Proof(models.Model):
    """C >= g x M as one rating saw it. The latest row of (line, partner) is the one that counts.

    What the order was sold under (term, agreement, prices) is frozen by the first row; later rows follow what refunds
    have left, and what the partner is credited by the attribution of the day.
    """

    is_append_only = True

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="proofs")
    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="proofs")
    run = models.ForeignKey(RatingRun, on_delete=models.PROTECT, related_name="proofs")
    term = models.ForeignKey(BuyTerm, on_delete=models.PROTECT, related_name="proofs")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="proofs")
    currency = models.CharField(max_length=3)
    quantity = models.PositiveIntegerField()
    net_minor = models.BigIntegerField()  # of the line as it was sold
    net_left_minor = models.BigIntegerField()
    share_bp = models.PositiveIntegerField()
    buy_minor = models.BigIntegerField()  # per unit
    floor_minor = models.BigIntegerField()  # per unit: below it the direct price undercuts
    resale_minor = models.BigIntegerField()  # what the line would have been resold for
    selling_cost_minor = models.BigIntegerField()
    margin_minor = models.BigIntegerField()  # M: the partner's share of what reselling what is left would have earned
    guarantee_bp = models.PositiveIntegerField()  # g
    promised_minor = models.BigIntegerField()  # g x M
    credited_minor = models.BigIntegerField()  # C, without the top-up
    top_up_minor = models.BigIntegerField()  # the deficit, as it stands after this rating
    is_listed_price_known = models.BooleanField(default=True)  # else the list price was taken from what was paid
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("line", "partner", "-id")
        constraints = (
            models.UniqueConstraint(fields=["line", "partner", "run"], name="proof_once"),
            models.CheckConstraint(condition=models.Q(top_up_minor__gte=0), name="proof_top_up_not_negative"),
        )
        indexes = (models.Index(fields=["partner", "at"], name="proof_partner_at"),)

    def __str__(self) -> str:
        return f"{self.line_id} {self.partner_id}: {self.credited_minor} of {self.promised_minor}"
