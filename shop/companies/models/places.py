"""Where a company works, and what its purchases are booked on."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from oscar.apps.address.abstract_models import AbstractShippingAddress

from shop.companies.models.company import Company


class Location(models.Model):  # type: ignore[django-manager-missing]  # Oscar's addresses are untyped
    """A site of a company. Empty terms and tax profile are the company's."""

    class TaxProfile(models.TextChoices):
        COMPANY = "", _("as the company")
        STANDARD = "standard", _("taxed")
        EXEMPT = "exempt", _("exempt")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="locations")
    name = models.CharField(_("name"), max_length=120)
    payment_terms_days = models.PositiveSmallIntegerField(_("payment terms (days)"), null=True, blank=True)
    vat_id = models.CharField(_("VAT id"), max_length=32, blank=True)
    tax_profile = models.CharField(_("tax profile"), max_length=10, choices=TaxProfile, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=["company", "name"], name="location_name_once"),)
        verbose_name = _("location")
        verbose_name_plural = _("locations")

    def __str__(self) -> str:
        return self.name

    @property
    def terms_days(self) -> int:
        terms = self.payment_terms_days
        return self.company.payment_terms_days if terms is None else terms


class LocationAddress(AbstractShippingAddress):
    """An address of a location: where goods go, or where invoices go."""

    class Kind(models.TextChoices):
        DELIVERY = "delivery", _("Delivery")
        INVOICE = "invoice", _("Invoice")

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="addresses")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["location", "kind"], name="location_address_once"),)
        verbose_name = _("address of a location")
        verbose_name_plural = _("addresses of locations")


class CostCentre(models.Model):
    """What the company books a purchase on. One that was used is switched off, not deleted."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="cost_centres")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ("code",)
        constraints = (models.UniqueConstraint(fields=["company", "code"], name="cost_centre_once"),)
        verbose_name = _("cost centre")
        verbose_name_plural = _("cost centres")

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()
