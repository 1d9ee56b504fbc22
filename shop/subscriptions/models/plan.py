"""What was agreed on how a subscription renews: data, chosen at the purchase by the term of what is bought."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


def whole_days(value: Any) -> None:
    """Accept a list of different numbers of days, such as [90, 60, 30]."""
    is_fine = isinstance(value, list) and all(type(day) is int and 0 <= day <= 366 for day in value)
    if not is_fine or len(set(value)) != len(value):
        raise ValidationError(_("Write different whole numbers of days between brackets, such as [90, 60, 30]."))


class Plan(models.Model):
    """How often something renews, for how long the customer is bound, and at which price it goes on.

    Rates are in basis points. Days before are counted back from the due date, days after from it on.
    """

    class PriceRule(models.TextChoices):
        FIXED = "fixed", _("as agreed first")
        UPLIFT = "uplift", _("raised by a fixed rate")
        LIST = "list", _("the price of the day")

    class Unanswered(models.TextChoices):
        CAPPED = "capped", _("renews, raised up to the cap")
        END = "end", _("ends")

    class AfterGrace(models.TextChoices):
        SUSPEND = "suspend", _("is suspended until it is paid")
        CANCEL = "cancel", _("is cancelled")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    term_months = models.PositiveSmallIntegerField(
        _("taken by products with a term of (months)"),
        null=True,
        blank=True,
        unique=True,
        help_text=_("0: month by month. Empty: given by hand only."),
    )
    interval_months = models.PositiveSmallIntegerField(_("renews and is billed every (months)"), default=12)
    commitment_months = models.PositiveSmallIntegerField(
        _("commitment (months)"), null=True, blank=True, help_text=_("Empty: no obligation.")
    )
    auto_renew = models.BooleanField(_("renews by itself when the commitment ends"), default=True)
    notice_days: Any = models.JSONField(_("notices, days before"), default=list, validators=[whole_days], blank=True)
    price_rule = models.CharField(_("price"), max_length=10, choices=PriceRule, default=PriceRule.LIST)
    uplift_bp = models.PositiveIntegerField(_("yearly rise (basis points)"), default=0)
    cap_bp = models.PositiveIntegerField(
        _("highest rise without an answer (basis points)"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    review_days = models.PositiveSmallIntegerField(_("a review opens, days before"), default=60)
    answer_days = models.PositiveSmallIntegerField(_("its answer is due, days before"), default=14)
    unanswered = models.CharField(
        _("without an answer it"), max_length=10, choices=Unanswered, default=Unanswered.CAPPED
    )
    retry_days: Any = models.JSONField(_("payment is tried, days after"), default=list, validators=[whole_days])
    grace_days = models.PositiveSmallIntegerField(_("days of grace after the due date"), default=14)
    after_grace = models.CharField(
        _("after the grace it"), max_length=10, choices=AfterGrace, default=AfterGrace.SUSPEND
    )
    cancel_fee_bp = models.PositiveIntegerField(
        _("fee for leaving early (basis points of the commitment left)"), default=10_000
    )

    class Meta:
        ordering = ("term_months", "code")
        constraints = (
            models.CheckConstraint(condition=models.Q(interval_months__gte=1), name="plan_interval"),
            models.CheckConstraint(
                condition=models.Q(commitment_months=None)
                | models.Q(commitment_months__gte=models.F("interval_months")),
                name="plan_commitment_holds_an_interval",
            ),
            models.CheckConstraint(condition=models.Q(answer_days__lte=models.F("review_days")), name="plan_review"),
            models.CheckConstraint(condition=models.Q(cancel_fee_bp__lte=10_000), name="plan_fee_at_most_all"),
        )
        verbose_name = _("subscription plan")
        verbose_name_plural = _("subscription plans")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.commitment_months and self.commitment_months % self.interval_months:
            raise ValidationError({"commitment_months": _("A commitment is a whole number of billing intervals.")})

    @property
    def commitment_text(self) -> str:
        """The commitment for people."""
        if not self.commitment_months:
            return str(_("No obligation"))
        return ngettext("%(count)d month", "%(count)d months", self.commitment_months) % {
            "count": self.commitment_months
        }
