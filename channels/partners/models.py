"""Channel partners, their people and their agreements."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ChannelPartner(models.Model):
    """An organisation that refers, influences, resells, distributes or services.

    Not Oscar's partner.Partner, which is the Supplier who fulfils. `parent` is the distributor above a reseller.
    """

    class Kind(models.TextChoices):
        RESELLER = "reseller", _("Reseller")
        VAR = "var", _("Value-added reseller")
        DISTRIBUTOR = "distributor", _("Distributor")
        AGENT = "agent", _("Agent")
        INTEGRATOR = "integrator", _("System integrator")
        AFFILIATE = "affiliate", _("Referral affiliate")

    class Tier(models.TextChoices):
        REGISTERED = "registered", _("Registered")
        SILVER = "silver", _("Silver")
        GOLD = "gold", _("Gold")
        PLATINUM = "platinum", _("Platinum")

    class Status(models.TextChoices):
        APPLIED = "applied", _("Applied")
        IN_REVIEW = "in_review", _("In review")
        INFO_REQUESTED = "info_requested", _("Information requested")
        APPROVED = "approved", _("Approved")
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        TERMINATED = "terminated", _("Terminated")
        REJECTED = "rejected", _("Rejected")

    RESELLING_KINDS = (Kind.RESELLER, Kind.VAR, Kind.INTEGRATOR)

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("type"), max_length=20, choices=Kind)
    tier = models.CharField(_("tier"), max_length=20, choices=Tier, default=Tier.REGISTERED)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.APPLIED, db_index=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("distributor")
    )
    country = models.CharField(_("country"), max_length=2)
    city = models.CharField(_("city"), max_length=100, blank=True)
    territories = models.JSONField(_("territories"), default=list, blank=True)  # ISO country codes it may sell in
    specialities = models.JSONField(
        _("specialities"), default=list, blank=True
    )  # slugs, see channels.partners.specialities
    product_classes = models.JSONField(_("product classes"), default=list, blank=True)  # slugs it may sell; [] = all
    summary = models.CharField(_("summary"), max_length=240, blank=True)
    about = models.TextField(_("about"), blank=True)
    website = models.URLField(_("website"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    vat_id = models.CharField(_("VAT id"), max_length=32, blank=True)
    email_domains = models.JSONField(_("e-mail domains"), default=list, blank=True)  # for self-referral checks
    is_listed = models.BooleanField(_("in the public directory"), default=True)
    joined_at = models.DateTimeField(_("joined"))

    class Meta:
        ordering = ("name", "id")
        verbose_name = _("channel partner")
        verbose_name_plural = _("channel partners")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="partner_not_own_parent",
            ),
        )

    def __str__(self) -> str:
        return self.name


class PartnerStatusChange(models.Model):
    """When a partner's status changed: attribution asks for the status on the day of the order, not of today."""

    is_append_only = True

    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="status_changes")
    from_status = models.CharField(max_length=20, choices=ChannelPartner.Status, blank=True)
    to_status = models.CharField(max_length=20, choices=ChannelPartner.Status)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("partner", "at", "id")
        indexes = (models.Index(fields=["partner", "at"], name="partner_status_at"),)

    def __str__(self) -> str:
        return f"{self.partner}: {self.from_status} > {self.to_status}"


class PartnerMember(models.Model):
    """A person who works for a channel partner, and what they may see in the portal."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        SALES = "sales", _("Sales")
        FINANCE = "finance", _("Finance")

    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="members")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="partner_member")
    role = models.CharField(_("role"), max_length=10, choices=Role)
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(max_length=10, blank=True)  # of the latest sign-in; e-mails are written in it
    joined_at = models.DateTimeField()

    class Meta:
        ordering = ("partner", "id")

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()}, {self.partner})"


class Agreement(models.Model):
    """One version of the terms between the supplier and a channel partner. A change is a new version."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        SIGNED = "signed", _("Signed")
        ACTIVE = "active", _("Active")
        EXPIRING = "expiring", _("Expiring")
        RENEWED = "renewed", _("Renewed")
        EXPIRED = "expired", _("Expired")
        TERMINATED = "terminated", _("Terminated")

    class DataLevel(models.IntegerChoices):
        QUOTAS = 0, _("Quotas only")
        TRANSACTIONS = 1, _("Transactions")
        FULL = 2, _("Full exchange")

    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="agreements")
    version = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    data_level = models.PositiveSmallIntegerField(choices=DataLevel, default=DataLevel.TRANSACTIONS)
    self_billing = models.BooleanField(default=False)  # the supplier issues the partner's invoices: its statements
    payout_currency = models.CharField(max_length=3, blank=True)  # empty: each commission in the currency it was earned
    tail_months = models.PositiveSmallIntegerField(default=6)  # credit on old touches after a termination
    # What the guard and the no-worse-off proof hold us to; see channels/harmony.
    min_margin_bp = models.PositiveIntegerField(default=0)  # on the partner's buy price, before we may sell below
    guarantee_factor_bp = models.PositiveIntegerField(default=10_000)  # of the margin it would have earned
    selling_cost_bp = models.PositiveIntegerField(default=0)  # what selling costs the partner, of the resale price
    selling_cost_minor = models.PositiveIntegerField(default=0)  # and per order line
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)  # exclusive
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("partner", "-version")
        constraints = (models.UniqueConstraint(fields=["partner", "version"], name="agreement_version"),)

    def __str__(self) -> str:
        return f"{self.partner} v{self.version}"


class PartnerCertification(models.Model):
    """What a partner is certified for, in the half-open period [valid_from, valid_until).

    Append-only: a renewal is a new row, a withdrawal a CertificationEnd.
    """

    is_append_only = True

    partner = models.ForeignKey(ChannelPartner, on_delete=models.PROTECT, related_name="certifications")
    code = models.SlugField(_("certification"), max_length=40)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)  # exclusive
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("partner", "code", "-valid_from", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=models.F("valid_from")),
                name="certification_period",
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner}: {self.code}"


class CertificationEnd(models.Model):
    """The early end of a certification, with its reason."""

    is_append_only = True

    certification = models.OneToOneField(PartnerCertification, on_delete=models.PROTECT, related_name="end")
    on = models.DateField(_("ended on"))
    reason = models.CharField(_("reason"), max_length=255)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.certification} ended {self.on}"
