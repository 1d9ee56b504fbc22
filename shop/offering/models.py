"""As what a product is offered to whom, in which quantities, and what an order keeps of it."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from oscar.apps.catalogue.models import Option, Product

from shop.offering.engine.quantities import Rule
from shop.segments.models import CustomerGroup


class QuantityRule(models.Model):
    """In which quantities a product is sold; a child takes its parent's. All numbers are pieces.

    A quantity must be a multiple of both `multiple` and `pack_size`.
    """

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="quantity_rule")
    minimum = models.PositiveIntegerField(_("minimum quantity"), default=1)
    maximum = models.PositiveIntegerField(_("maximum quantity"), null=True, blank=True)
    multiple = models.PositiveIntegerField(_("sold in multiples of"), default=1)
    pack_size = models.PositiveIntegerField(_("pieces in one pack"), default=1)
    unit_name = models.CharField(_("name of the pack"), max_length=40, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(minimum__gte=1, multiple__gte=1, pack_size__gte=1), name="quantity_rule_from_one"
            ),
            models.CheckConstraint(
                condition=models.Q(maximum=None) | models.Q(maximum__gte=models.F("minimum")),
                name="quantity_rule_minimum_below_maximum",
            ),
        )
        verbose_name = _("quantity rule")
        verbose_name_plural = _("quantity rules")

    def __str__(self) -> str:
        return f"{self.product}: {self.minimum}–{self.maximum or '∞'}"

    def clean(self) -> None:
        rule = self.as_rule()
        if rule.highest is not None and rule.highest < rule.lowest:
            raise ValidationError(
                {"maximum": _("No quantity fits: the smallest is %(number)d.") % {"number": rule.lowest}}
            )

    def as_rule(self) -> Rule:
        return Rule(self.minimum, self.maximum, self.multiple, self.pack_size, self.unit_name)


class Kind(models.TextChoices):
    STANDARD = "standard", _("Standard")
    CUSTOMISED = "customised", _("Customised")
    DEDICATED = "dedicated", _("With dedicated support")


def default_currency() -> str:
    return str(settings.OSCAR_DEFAULT_CURRENCY)


class Offering(ClusterableModel):
    """A product as one kind for one customer group, or for everyone. A group's own row stands above everyone's.

    Without any row of kind "standard" a product is offered as standard to all; with one, the rows say to whom.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="offerings", verbose_name=_("product"))
    group = models.ForeignKey(
        CustomerGroup,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer group"),
        help_text=_("Empty: everyone."),
    )
    kind = models.CharField(_("offered as"), max_length=10, choices=Kind)
    description = models.CharField(_("in a sentence"), max_length=200, blank=True)
    surcharge = models.DecimalField(_("surcharge for one unit"), max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(_("currency of the surcharges"), max_length=3, default=default_currency)
    support_plan = models.ForeignKey(
        Product,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supports",
        verbose_name=_("support plan"),
        help_text=_("Is put into the basket with it, one for each unit. Without one, the surcharge pays the support."),
    )

    class Meta:
        ordering = ("product", "kind", "group")
        constraints = (
            models.UniqueConstraint(fields=["product", "kind", "group"], name="offering_once"),
            models.UniqueConstraint(
                fields=["product", "kind"], condition=models.Q(group=None), name="offering_once_for_everyone"
            ),
            models.CheckConstraint(condition=models.Q(surcharge__gte=0), name="offering_surcharge_not_negative"),
            models.CheckConstraint(
                condition=models.Q(support_plan=None) | models.Q(kind=Kind.DEDICATED), name="offering_plan_is_support"
            ),
        )
        verbose_name = _("offering")
        verbose_name_plural = _("offerings")

    def __str__(self) -> str:
        return f"{self.product} · {self.get_kind_display()} · {self.group or _('Everyone')}"

    def clean(self) -> None:
        if self.support_plan_id and self.kind != Kind.DEDICATED:
            raise ValidationError({"support_plan": _("Only an offering with dedicated support has a support plan.")})
        if self.support_plan_id and self.support_plan_id == self.product_id:
            raise ValidationError({"support_plan": _("Choose another product: this one would support itself.")})
        if self.kind == Kind.STANDARD and self.surcharge:
            raise ValidationError({"surcharge": _("The standard costs what the price says, without a surcharge.")})


class OfferingChoice(models.Model):
    """One answer to one of Oscar's options, such as "5 m" to "Cable length", and what it adds to the price of a unit."""

    offering = ParentalKey(Offering, on_delete=models.CASCADE, related_name="choices")
    option = models.ForeignKey(Option, models.PROTECT, related_name="offering_choices", verbose_name=_("option"))
    code = models.SlugField(_("code"), max_length=40)
    label = models.CharField(_("choice"), max_length=80)
    surcharge = models.DecimalField(_("surcharge for one unit"), max_digits=12, decimal_places=2, default=0)

    class Meta:
        ordering = ("option__order", "option__name", "pk")
        constraints = (
            models.UniqueConstraint(fields=["offering", "option", "code"], name="offering_choice_once"),
            models.CheckConstraint(condition=models.Q(surcharge__gte=0), name="offering_choice_not_negative"),
        )
        verbose_name = _("choice")
        verbose_name_plural = _("choices")

    def __str__(self) -> str:
        return f"{self.option}: {self.label}"


class ConfiguredLine(models.Model):
    """As what an order's line was bought, in the words and at the surcharges of that moment. Written with the order."""

    line = models.OneToOneField("order.Line", models.PROTECT, related_name="configuration")
    kind = models.CharField(_("offered as"), max_length=10, choices=Kind)
    choices: Any = models.JSONField(_("choices"), default=list)  # [{option, choice, label, surcharge}] as shown
    surcharge = models.DecimalField(_("surcharge for one unit"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("configuration of an order's line")
        verbose_name_plural = _("configurations of orders' lines")

    def __str__(self) -> str:
        return f"{self.line_id}: {self.get_kind_display()}"

    @property
    def parts(self) -> list[tuple[str, Decimal]]:
        """What the surcharge of one unit is for: the kind itself, then each choice; what cost nothing is left out."""
        made = [(f"{choice['option']} {choice['label']}", Decimal(choice["surcharge"])) for choice in self.choices]
        own = self.surcharge - sum((amount for _label, amount in made), Decimal(0))
        return [(label, amount) for label, amount in [(self.get_kind_display(), own), *made] if amount]
