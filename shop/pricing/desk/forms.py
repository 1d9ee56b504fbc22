"""Forms about prices at the desk."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from oscar.apps.catalogue.models import Category, Product
from oscar.apps.partner.models import StockRecord

from channels.contracts import Channel
from shop.companies.models import Company
from shop.pricing.desk.engine.tables import MOST_BYTES
from shop.pricing.models import CHANNELS, PriceEntry, PriceList
from shop.segments.models import CustomerGroup

ALL = ("", pgettext_lazy("filter", "All"))
MOST_HINTS = 5


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CompanyField(forms.CharField):
    """A company by its name, VAT id or key; what is not exact is answered with what it may be."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 150, "help_text": _("Name, VAT id or key."), **kwargs})

    def clean(self, value: Any) -> Company | None:
        text = super().clean(value)
        if not text:
            return None
        found = list(Company.objects.filter(_exactly(text))[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise forms.ValidationError(_now("Several companies have this name. Write the VAT id."))
        near = Company.objects.filter(Q(name__icontains=text) | Q(vat_id__icontains=text)).order_by("name")
        names = ", ".join(near.values_list("name", flat=True)[:MOST_HINTS])
        raise forms.ValidationError(
            _now("There is no such company. Do you mean: %s?") % names if names else _now("There is no such company.")
        )


def _exactly(text: str) -> Q:
    try:
        return Q(key=UUID(text))
    except ValueError:
        return Q(name__iexact=text) | Q(vat_id__iexact=text)


class SkuField(forms.CharField):
    """A product by the SKU of its stock record."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("SKU"), "max_length": 128, **kwargs})

    def clean(self, value: Any) -> Product | None:
        text = super().clean(value)
        if not text:
            return None
        found = list(Product.objects.filter(stockrecords__partner_sku__iexact=text).distinct()[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _now("Several products have this SKU.") if found else _now("No product has this SKU. Correct it.")
            )
        return found[0]


# --- filters --------------------------------------------------------------------------------------------------------


class ListFilter(forms.Form):
    STATES = (ALL, ("now", _("In force")), ("later", _("Not yet")), ("ended", _("Archived")))

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    channel = forms.ChoiceField(label=_("Only for"), required=False, choices=[ALL, *CHANNELS])
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3)


class EntryFilter(forms.Form):
    q = forms.CharField(label=_("SKU or title"), required=False, max_length=100)


class ContractFilter(forms.Form):
    q = forms.CharField(label=_("SKU, title or reference"), required=False, max_length=100)
    company = CompanyField(label=_("Company"), required=False)


class HistoryFilter(forms.Form):
    q = forms.CharField(label=_("SKU or title"), required=False, max_length=100)
    price_list = forms.ModelChoiceField(PriceList.objects.all(), label=_("List"), required=False)
    company = CompanyField(label=_("Company"), required=False)
    by = forms.CharField(label=_("Who"), required=False, max_length=100)
    since = forms.DateField(label=_("Since"), required=False, widget=DayInput)
    until = forms.DateField(label=_("Up to and with"), required=False, widget=DayInput)


# --- lists ----------------------------------------------------------------------------------------------------------


class PriceListForm(forms.ModelForm):
    """A list's terms. The adjustment is written in percent and kept in basis points."""

    percent = forms.DecimalField(
        label=_("Adjustment of the parent's prices (%)"), max_digits=6, decimal_places=2, initial=0, required=False,
        min_value=Decimal("-99.99"), help_text=_("-5 is five percent less."),
    )  # fmt: skip
    field_order = ("code", "name", "currency", "channel", "priority", "valid_from", "valid_to", "parent", "percent")

    class Meta:
        model = PriceList
        fields = (
            "code", "name", "currency", "channel", "priority", "valid_from", "valid_to", "parent", "merge_allowed",
        )  # fmt: skip
        widgets = {"valid_from": DayInput, "valid_to": DayInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["percent"] = Decimal(self.instance.adjust_bp) / 100
        fields: dict[str, Any] = self.fields
        fields["channel"].choices = [("", _("However it is bought")), *CHANNELS]
        if self.instance.pk:
            fields["parent"].queryset = PriceList.objects.exclude(pk=self.instance.pk)

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
            raise forms.ValidationError(_("Write the currency's three letters, like EUR."))
        return currency

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        begins, ends = data.get("valid_from"), data.get("valid_to")
        if begins and ends and ends <= begins:
            self.add_error("valid_to", _("The end comes after the start."))
        self.instance.adjust_bp = int((data.get("percent") or 0) * 100)
        return data


class CopyForm(forms.ModelForm):
    """A new list's code and name."""

    class Meta:
        model = PriceList
        fields = ("code", "name")


class AssignmentForm(forms.Form):
    """Whom a list is for: exactly one of the three."""

    company = CompanyField(label=_("Company"), required=False)
    group = forms.ModelChoiceField(CustomerGroup.objects.all(), label=_("Customer group"), required=False)
    channel = forms.ChoiceField(label=_("Everybody who buys"), required=False, choices=[("", "–"), *CHANNELS])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and sum(bool(data.get(name)) for name in ("company", "group", "channel")) != 1:
            raise forms.ValidationError(_("Choose a company, a group or a channel: one of them."))
        return data


# --- prices ---------------------------------------------------------------------------------------------------------


class AmountForm(forms.Form):
    """The price of one entry, edited in the table; empty takes it out."""

    price = forms.DecimalField(label=_("Price"), min_value=0, max_digits=12, decimal_places=2, required=False)


class TierForm(forms.Form):
    """One tier of a product. Without a price it is taken out, or never was there."""

    min_quantity = forms.IntegerField(label=_("From quantity"), min_value=1, max_value=1_000_000, required=False)
    price = forms.DecimalField(label=_("Price"), min_value=0, max_digits=12, decimal_places=2, required=False)
    valid_from = forms.DateField(label=_("Valid from"), widget=DayInput, required=False)
    valid_to = forms.DateField(label=_("Until (not included)"), widget=DayInput, required=False)

    @staticmethod
    def initial_of(entry: PriceEntry) -> dict[str, Any]:
        names = ("min_quantity", "price", "valid_from", "valid_to")
        return {name: getattr(entry, name) for name in names}


TierFormSet = forms.formset_factory(TierForm, extra=3, max_num=200)


class ProductForm(forms.Form):
    """The product whose prices are to be edited."""

    sku = SkuField()


class ContractForm(forms.Form):
    """What was agreed with a company for one product."""

    company = CompanyField(label=_("Company"))
    sku = SkuField()
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, initial="EUR")
    min_quantity = forms.IntegerField(label=_("From quantity"), min_value=1, max_value=1_000_000, initial=1)
    max_quantity = forms.IntegerField(
        label=_("Up to quantity"), min_value=1, max_value=1_000_000, required=False, help_text=_("Empty: any more.")
    )
    price = forms.DecimalField(label=_("Price"), min_value=0, max_digits=12, decimal_places=2)
    valid_from = forms.DateField(label=_("Valid from"), widget=DayInput, required=False)
    valid_to = forms.DateField(label=_("Expires (not included)"), widget=DayInput, required=False)
    reference = forms.CharField(label=_("Reference"), max_length=60, required=False)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class GateForm(forms.Form):
    """A product or a category whose prices are hidden, or a product that is excepted."""

    sku = SkuField(required=False)
    category = forms.ModelChoiceField(
        Category.objects.order_by("path"), label=_("or category"), required=False, help_text=_("With all below it.")
    )
    is_open = forms.BooleanField(
        label=_("Show this product's prices although its category's are hidden"), required=False
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and bool(data["sku"]) == bool(data["category"]):
            raise forms.ValidationError(_now("Name either a product or a category."))
        if data.get("is_open") and data.get("category"):
            raise forms.ValidationError(_now("Only a product can be excepted. Name its SKU, or leave the box empty."))
        return data


# --- files and the preview ------------------------------------------------------------------------------------------


class UploadForm(forms.Form):
    """A file of prices."""

    file = forms.FileField(label=_("CSV or XLSX file"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _now("The file is larger than %d MB. Split it into several files.") % (MOST_BYTES // 1_000_000)
            )
        return file


class PreviewForm(forms.Form):
    """Whose prices, of what, how many and when."""

    company = CompanyField(label=_("As company"), required=False, help_text=_("Empty: a visitor without a company."))
    on = forms.DateField(label=_("On"), widget=DayInput, initial=timezone.localdate)
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=1_000_000, initial=1)
    channel = forms.ChoiceField(label=_("Buys"), choices=CHANNELS, initial=Channel.DIRECT.value)
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, initial="EUR")
    skus = forms.CharField(
        label=_("SKUs"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or many, with spaces, commas or line breaks between them."),
    )  # fmt: skip
    category = forms.ModelChoiceField(Category.objects.order_by("path"), label=_("Or a category"), required=False)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not (data.get("skus") or data.get("category")):
            self.add_error("skus", _("Write a SKU, or choose a category."))
        return data

    def products(self, most: int) -> list[Product]:
        """Return what is asked for, at most so many, with what the prices need."""
        data = self.cleaned_data
        wanted = Product.objects.filter(stockrecords__isnull=False)
        if data["skus"]:
            written = [sku for sku in data["skus"].replace(",", " ").replace(";", " ").split() if sku]
            records = StockRecord.objects.filter(partner_sku__in=written[: 10 * most])
            wanted = wanted.filter(pk__in=records.values("product"))
        else:
            below = data["category"].get_descendants_and_self()
            wanted = wanted.filter(Q(categories__in=below) | Q(parent__categories__in=below))
        return list(wanted.distinct().order_by("pk").select_related("parent").prefetch_related("stockrecords")[:most])
