"""How long after the delivery goods may come back."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.models import Category, ProductClass

from shop.companies.models import Company


class ReturnPolicy(models.Model):
    """A return window for some goods and some customers; without either, for all of them.

    Of the policies that fit, the company's own stands above everybody's, then the deepest category above the product
    type above all goods. Zero days: these goods do not come back.
    """

    company = models.ForeignKey(
        Company, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("company")
    )
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    product_class = models.ForeignKey(
        ProductClass, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("product type")
    )
    days = models.PositiveSmallIntegerField(_("days from delivery"))

    class Meta:
        ordering = ("company", "category", "product_class", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(category=None) | Q(product_class=None), name="return_policy_one_scope"),
            models.UniqueConstraint(  # NULLs are distinct to a plain one
                Coalesce("company", 0), Coalesce("category", 0), Coalesce("product_class", 0), name="return_policy_once"
            ),
        )
        verbose_name = _("return window")
        verbose_name_plural = _("return windows")

    def __str__(self) -> str:
        scope = [str(part) for part in (self.company, self.category, self.product_class) if part]
        return f"{', '.join(scope) or _('everything')}: {self.days}"
