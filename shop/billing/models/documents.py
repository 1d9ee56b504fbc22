"""What invoices and credit notes share: a number without gaps, the parties and the lines as they were on the day."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Series(models.Model):
    """The last number given in one series of one seller and year. Its row is the lock under which numbers are taken."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")

    seller = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=Kind)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["seller", "kind", "year"], name="billing_series_once"),)
        verbose_name_plural = _("series")

    def __str__(self) -> str:
        return f"{self.seller} {self.kind} {self.year}: {self.last}"


class Document(models.Model):
    """A numbered paper, in one currency. The parties are texts of the day (shop.billing.parties.Party as JSON)."""

    seller = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField(null=True, blank=True)  # None: numbered by its order, before series began
    number = models.CharField(_("number"), max_length=40, unique=True)
    issued_at = models.DateTimeField(_("issued"))
    currency = models.CharField(max_length=3)
    total_excl_tax = models.DecimalField(max_digits=12, decimal_places=2)
    total_incl_tax = models.DecimalField(max_digits=12, decimal_places=2)
    sold_by = models.JSONField(default=dict)
    billed_to = models.JSONField(default=dict)
    delivered_to = models.JSONField(default=dict, blank=True)  # {}: nothing was delivered

    class Meta:
        abstract = True
        constraints = (models.UniqueConstraint(fields=["seller", "year", "sequence"], name="%(class)s_sequence_once"),)

    def __str__(self) -> str:
        return self.number


class DocumentLine(models.Model):
    """A line as it was sold: net = unit_price * quantity - discount, gross = net + tax, each in cents."""

    class Kind(models.TextChoices):
        PRODUCT = "product", _("Product")
        SHIPPING = "shipping", _("Delivery")

    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PRODUCT)
    title = models.CharField(max_length=255)
    sku = models.CharField(max_length=128, blank=True)
    quantity = models.PositiveIntegerField()
    unit = models.CharField(max_length=3, default="C62")  # UN/ECE recommendation 20; C62 is one piece
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)  # net, before discount
    discount = models.DecimalField(max_digits=12, decimal_places=2, default=0)  # net, of the whole line
    net = models.DecimalField(max_digits=12, decimal_places=2)
    tax_rate = models.DecimalField(max_digits=5, decimal_places=4)
    tax_code = models.CharField(max_length=20)  # why: shop.tax.models.Reason
    tax_country = models.CharField(max_length=2, blank=True)
    tax = models.DecimalField(max_digits=12, decimal_places=2)
    gross = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        abstract = True
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"
