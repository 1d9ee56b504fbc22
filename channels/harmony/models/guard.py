"""The undercut guard's settings, what it found, and the overrides that two people gave."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels.partners.models import ChannelPartner


class Mode(models.TextChoices):
    BLOCK = "block", _("Block it")
    EXTEND = "extend", _("Extend it to the partners")
    TOP_UP = "top_up", _("Let it pass and top partners up")


class GuardSetting(models.Model):
    """What happens to an undercut. The latest row holds; without any row everything is blocked."""

    is_append_only = True

    prices = models.CharField(_("a price"), max_length=10, choices=Mode)
    promotions = models.CharField(_("a promotion"), max_length=10, choices=Mode)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=255)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"prices {self.prices}, promotions {self.promotions}"


class GuardCheck(models.Model):
    """One price, promotion or order that would have hurt a partner, and what became of it."""

    is_append_only = True

    class Source(models.TextChoices):
        PRICE = "price", _("Price")
        OFFER = "offer", _("Promotion")
        BASKET = "basket", _("Order")

    class Outcome(models.TextChoices):
        BLOCKED = "blocked", _("Prevented")
        EXTENDED = "extended", _("Extended to partners")
        TOPPED_UP = "topped_up", _("Partners are topped up")
        APPROVED = "approved", _("Approved by two people")

    key = models.CharField(max_length=160, unique=True)
    source = models.CharField(_("what"), max_length=10, choices=Source)
    reference = models.CharField(max_length=140)  # "offer:12", "stock:NL-P100", or the order's number
    label = models.CharField(max_length=255)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, db_index=True)
    at = models.DateTimeField(db_index=True)
    until = models.DateTimeField(null=True)  # the promotion's end
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return self.label


class GuardFinding(models.Model):
    """One (company, product, quantity) that would be undercut. Amounts are for all units of the quantity."""

    is_append_only = True

    class Kind(models.TextChoices):
        BUY_PRICE = "buy_price", _("Below the partner's buy price and margin")
        ADVERTISED = "advertised", _("Below the minimum advertised price")

    guard_check = models.ForeignKey(GuardCheck, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=10, choices=Kind)
    company_key = models.CharField(max_length=64, blank=True)  # empty: every company
    sku = models.CharField(max_length=64)
    title = models.CharField(max_length=255)
    product_class = models.CharField(max_length=60, blank=True)
    quantity = models.PositiveIntegerField()
    partner = models.ForeignKey(ChannelPartner, null=True, on_delete=models.PROTECT, related_name="guard_findings")
    direct_minor = models.BigIntegerField()
    list_minor = models.BigIntegerField()
    buy_minor = models.BigIntegerField(null=True)
    floor_minor = models.BigIntegerField()
    gap_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ("guard_check", "sku", "partner", "id")
        constraints = (models.CheckConstraint(condition=models.Q(gap_minor__gt=0), name="guard_finding_hurts"),)

    def __str__(self) -> str:
        return f"{self.sku} -{self.gap_minor} {self.currency}"


class GuardOverride(models.Model):
    """Leave to undercut as far as one prevented check would have: asked for by one person, given by another."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Waits for a second person")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    guard_check = models.OneToOneField(GuardCheck, on_delete=models.PROTECT, related_name="override")
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED, db_index=True)
    reason = models.CharField(_("reason"), max_length=500)
    expires_at = models.DateTimeField(_("expires"))
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-requested_at", "-id")
        permissions = (("decide_guardoverride", "Can decide on an override of the undercut guard"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("requested_by")),
                name="guard_override_two_people",
            ),
        )

    def __str__(self) -> str:
        return f"{self.guard_check} {self.state}"
