"""Who acts for a company, in which role, and who has been asked to."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.companies.capabilities import Capability, Level, StandardRole
from shop.companies.models.company import Company
from shop.companies.models.on_behalf import OnBehalf
from shop.companies.models.places import CostCentre, Location


def check_grants(grants: object) -> None:
    known = isinstance(grants, dict) and set(grants) <= set(Capability.values)
    if not known or not all(level in Level.values for level in grants.values()):  # type: ignore[attr-defined]
        raise ValidationError(_("A role grants known capabilities, each at the level own, location or company."))


class Role(models.Model):
    """What its holders may do: capability -> level. A capability that is not named is not granted.

    A role of a company is that company's alone; one without is everybody's.
    """

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.CASCADE, related_name="roles")
    name = models.CharField(_("name"), max_length=80)  # everybody's: the English source text, shown through gettext
    grants = models.JSONField(_("grants"), default=dict, validators=[check_grants])
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ("position", "name", "code")
        constraints = (
            models.UniqueConstraint(
                "company", Lower("name"), condition=models.Q(company__isnull=False), name="role_name_once"
            ),
        )
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return gettext(self.name) if self.company_id is None else self.name

    @property
    def rights(self) -> list[tuple[str, str]]:
        """Each capability that is granted with how far it reaches, in words."""
        return [(str(word.label), str(level.label)) for word in Capability if (level := self.level_of(word))]

    def level_of(self, capability: Capability) -> Level | None:
        level = self.grants.get(capability)
        return Level(level) if level in Level.values else None


class Membership(models.Model):
    """A user's place in a company. A user in several acts for the default one until another is chosen.

    `spend_limit` is net, in the shop's currency, for the orders placed within the window; None is no limit.
    """

    class Window(models.TextChoices):
        ORDER = "order", _("per order")
        DAY = "day", _("per day")
        WEEK = "week", _("per week")
        MONTH = "month", _("per month")
        QUARTER = "quarter", _("per quarter")
        YEAR = "year", _("per year")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    role = models.ForeignKey(
        Role, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("role"), default=StandardRole.BUYER
    )
    location = models.ForeignKey(
        Location, null=True, blank=True, on_delete=models.SET_NULL, related_name="people", verbose_name=_("location")
    )
    spend_limit = models.DecimalField(_("spend limit"), max_digits=12, decimal_places=2, null=True, blank=True)
    spend_window = models.CharField(_("counted"), max_length=10, choices=Window, default=Window.ORDER)
    cost_centres = models.ManyToManyField(
        CostCentre, blank=True, related_name="people", verbose_name=_("cost centres")
    )  # none: all of the company's
    is_active = models.BooleanField(_("active"), default=True)
    is_default = models.BooleanField(_("acts for it by default"), default=True)
    is_confirmed = models.BooleanField(_("e-mail address confirmed"), default=True)  # False: registered, not yet opened
    # Set on the membership of a request in which somebody else acts in this person's place; never saved.
    on_behalf: OnBehalf | None = None

    class Meta:
        ordering = ("-is_default", "id")
        constraints = (models.UniqueConstraint(fields=["user", "company"], name="membership_once"),)
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return f"{self.user} ({self.role}, {self.company})"


class Invitation(models.Model):
    """Somebody asked by e-mail to join. The link in the mail names `sent_at`, so that sending again ends the old one."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"), max_length=254)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+", verbose_name=_("role"))
    location = models.ForeignKey(
        Location, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("location")
    )
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField(_("sent"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        ordering = ("-sent_at", "-id")
        constraints = (
            models.UniqueConstraint(
                "company",
                Lower("email"),
                condition=models.Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_open_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} ({self.company})"
