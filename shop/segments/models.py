"""Customer groups, and the flat table of who is in which."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

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
