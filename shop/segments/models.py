"""Customer groups and who is in which; who sees what; what the store does for whom."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.models import Category, Product

from shop.companies.models import Company


class CustomerGroup(models.Model):
    """Companies that are offered the same: goods, prices, terms. With a rule its members follow from it; without, by hand.

    Of two groups of a company the one of higher priority counts where only one can.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    priority = models.SmallIntegerField(_("priority"), default=0)
    rule = models.JSONField(_("rule"), default=dict, blank=True)
    companies = models.ManyToManyField(Company, through="GroupMember", related_name="customer_groups")

    class Meta:
        ordering = ("-priority", "name", "pk")
        verbose_name = _("customer group")
        verbose_name_plural = _("customer groups")

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """A company in a group. What was put in by hand stays when the rule says otherwise."""

    group = models.ForeignKey(CustomerGroup, models.CASCADE, related_name="members")
    company = models.ForeignKey(Company, models.CASCADE, related_name="group_memberships")
    is_by_hand = models.BooleanField(_("by hand"), default=False)
    added_at = models.DateTimeField(_("added"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("group", "company")
        constraints = (models.UniqueConstraint(fields=["group", "company"], name="group_member_once"),)
        verbose_name = _("group member")
        verbose_name_plural = _("group members")

    def __str__(self) -> str:
        return f"{self.company} in {self.group}"


class Level(models.TextChoices):
    """Whom a rule speaks of, from the widest to the narrowest: a narrower one beats a wider one."""

    EVERYONE = "everyone", _("Everyone")
    COUNTRY = "country", _("Country")
    CHANNEL = "channel", _("Channel")
    GROUP = "group", _("Customer group")
    COMPANY = "company", _("Company")


class VisibilityRule(models.Model):
    """A product, or a category with all below it, is shown to an audience or hidden from it.

    The audience is the one field that `level` names; `docs/algorithms/visibility.md` says which rule wins.
    """

    class Effect(models.TextChoices):
        SHOW = "show", _("Show")
        HIDE = "hide", _("Hide")

    product = models.ForeignKey(Product, models.CASCADE, null=True, blank=True, related_name="visibility_rules")
    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, related_name="visibility_rules")
    level = models.CharField(_("for"), max_length=8, choices=Level)
    country = models.CharField(_("country"), max_length=2, blank=True)
    channel = models.CharField(_("channel"), max_length=8, blank=True)
    group = models.ForeignKey(CustomerGroup, models.CASCADE, null=True, blank=True, related_name="visibility_rules")
    company = models.ForeignKey(Company, models.CASCADE, null=True, blank=True, related_name="visibility_rules")
    effect = models.CharField(_("effect"), max_length=4, choices=Effect)
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(product=None, category__isnull=False)
                | models.Q(product__isnull=False, category=None),
                name="visibility_rule_one_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(level="everyone", country="", channel="", group=None, company=None)
                | models.Q(level="country", channel="", group=None, company=None) & ~models.Q(country="")
                | models.Q(level="channel", country="", group=None, company=None) & ~models.Q(channel="")
                | models.Q(level="group", country="", channel="", group__isnull=False, company=None)
                | models.Q(level="company", country="", channel="", group=None, company__isnull=False),
                name="visibility_rule_one_audience",
            ),
        )
        verbose_name = _("visibility rule")
        verbose_name_plural = _("visibility rules")

    def __str__(self) -> str:
        return f"{self.get_effect_display()} {self.product or self.category} ({self.get_level_display()})"

    @property
    def audience(self) -> str:
        """The audience within its level, as the flat table names it."""
        return str(self.company_id or self.group_id or self.country or self.channel or "")


class VisibilitySet(models.Model):
    """All rules of one audience, resolved: which products and categories they show, and which they hide.

    Derived data, written by `services.visibility`. Each field is a set of primary keys as a little-endian bit string.
    """

    level = models.CharField(max_length=8, choices=Level)
    audience = models.CharField(max_length=20, blank=True)
    shown = models.BinaryField(default=b"")
    hidden = models.BinaryField(default=b"")
    shown_categories = models.BinaryField(default=b"")
    hidden_categories = models.BinaryField(default=b"")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["level", "audience"], name="visibility_set_once"),)
        verbose_name = _("visibility set")

    def __str__(self) -> str:
        return f"{self.level} {self.audience}".strip()


class SiteMode(models.TextChoices):
    """What the store does for a customer; `selectors.routes_of` says how each may order."""

    INFORM = "inform", _("Inform")
    INFLUENCE = "influence", _("Influence: send to resellers")
    FACILITATE = "facilitate", _("Facilitate: resellers first")
    SELL = "sell", _("Sell")


class SiteProfile(models.Model):
    """The mode for a customer group or a segment, in one country or in all, and whether prices are shown with tax.

    The most particular profile counts.
    """

    class Prices(models.TextChoices):
        NET = "net", _("without VAT")
        GROSS = "gross", _("with VAT")

    group = models.ForeignKey(CustomerGroup, models.CASCADE, null=True, blank=True, related_name="site_profiles")
    segment = models.CharField(_("segment"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    mode = models.CharField(_("mode"), max_length=10, choices=SiteMode)
    prices = models.CharField(_("prices are shown"), max_length=5, choices=Prices, default=Prices.NET)

    class Meta:
        ordering = ("country", "segment", "group", "pk")
        constraints = (
            models.UniqueConstraint(fields=["group", "segment", "country"], name="site_profile_once"),
            models.UniqueConstraint(
                fields=["segment", "country"], condition=models.Q(group=None), name="site_profile_once_without_group"
            ),
            models.CheckConstraint(
                condition=models.Q(group=None) | models.Q(segment=""), name="site_profile_group_or_segment"
            ),
        )
        verbose_name = _("site profile")
        verbose_name_plural = _("site profiles")

    def __str__(self) -> str:
        return f"{self.group or self.segment or _('Everyone')} {self.country}: {self.get_mode_display()}".strip()
