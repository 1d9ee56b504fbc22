"""Forms of groups, visibility rules and site profiles."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oscar.apps.address.models import Country
from oscar.apps.catalogue.models import Category, Product

from channels import api
from channels.contracts import from_minor, to_minor
from shop.companies.models import Company
from shop.segments.engine.conditions import MOST_MONTHS, Conditions
from shop.segments.models import CustomerGroup, Level, SiteMode, SiteProfile, VisibilityRule

CHANNELS = (("direct", gettext_lazy("Direct")), ("reseller", gettext_lazy("Through a partner of record")))


class DayInput(forms.DateInput):
    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) else value


def countries() -> list[tuple[str, str]]:
    return list(Country.objects.order_by("printable_name").values_list("iso_3166_1_a2", "printable_name"))


def segments() -> list[tuple[str, str]]:
    found = Company.objects.exclude(segment="").order_by("segment").values_list("segment", flat=True).distinct()
    return [(segment, segment) for segment in found]


class GroupForm(forms.Form):
    """A group with its rule; an empty rule leaves the members to people."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("Short, for files and prices: letters, digits, - and _."),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        min_value=-1000,
        max_value=1000,
        initial=0,
        help_text=gettext_lazy("Where only one of a company's groups can count, the highest does."),
    )
    countries = forms.MultipleChoiceField(label=gettext_lazy("Countries"), required=False)
    segments = forms.MultipleChoiceField(label=gettext_lazy("Segments"), required=False)
    statuses = forms.MultipleChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=Company.Status.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    acquired = forms.ChoiceField(
        label=gettext_lazy("First order"),
        required=False,
        choices=[
            ("", gettext_lazy("Any")),
            ("direct", gettext_lazy("Direct")),
            ("reseller", gettext_lazy("Through a reseller")),
        ],
    )
    spent = forms.DecimalField(
        label=gettext_lazy("Ordered for at least"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=12,
        decimal_places=2,
        help_text=gettext_lazy("Net, without delivery and less what was taken back, in the store's currency."),
    )
    spent_months = forms.IntegerField(
        label=gettext_lazy("in the last months"), min_value=1, max_value=MOST_MONTHS, initial=12
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Buys"), required=False, choices=[("", gettext_lazy("Any")), *CHANNELS]
    )
    partner = forms.CharField(
        label=gettext_lazy("Partner of record"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("The partner's code."),
    )
    registered_from = forms.DateField(label=gettext_lazy("Registered since"), required=False, widget=DayInput)

    RULE = (
        "countries", "segments", "statuses", "acquired", "spent", "spent_months", "channel", "partner",
        "registered_from",
    )  # fmt: skip

    def __init__(self, *args: Any, group: CustomerGroup | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group
        self.fields["countries"].choices = countries()  # type: ignore[attr-defined]
        self.fields["segments"].choices = segments()  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, group: CustomerGroup) -> dict[str, Any]:
        rule = Conditions.from_json(group.rule)
        found = {name: getattr(rule, name) for name in cls.RULE if name != "spent"}
        spent = from_minor(rule.spent_minor, settings.OSCAR_DEFAULT_CURRENCY) if rule.spent_minor else None
        own = {name: getattr(group, name) for name in ("name", "code", "description", "priority")}
        return {**own, **found, "spent": spent}

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if any(
            group.pk != (self.group.pk if self.group else None) for group in CustomerGroup.objects.filter(code=code)
        ):
            raise forms.ValidationError(_("Another group has this code. Choose another one."))
        return code

    def clean_partner(self) -> str:
        code = self.cleaned_data["partner"].strip().lower()
        if code and api.partner_card(code=code) is None:
            raise forms.ValidationError(_("No active partner has this code. The partner directory shows the codes."))
        return code

    @property
    def conditions(self) -> Conditions:
        """What the clean form asks."""
        data = self.cleaned_data
        spent = data["spent"]
        return Conditions(
            countries=tuple(data["countries"]),
            segments=tuple(data["segments"]),
            statuses=tuple(data["statuses"]),
            acquired=data["acquired"],
            spent_minor=to_minor(spent, settings.OSCAR_DEFAULT_CURRENCY) if spent else 0,
            spent_months=data["spent_months"],
            channel=data["channel"],
            partner=data["partner"],
            registered_from=data["registered_from"],
        )

    @property
    def own_values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "code", "description", "priority")}


class CompanyField(forms.CharField):
    """A company by its name, VAT id or key, whole; of several with one name, ask for the VAT id."""

    def clean(self, value: Any) -> Company | None:
        text = super().clean(value)
        if not text:
            return None
        found = list(Company.objects.filter(Q(name__iexact=text) | Q(vat_id__iexact=text))[:2])
        if not found:
            raise forms.ValidationError(_("No company has this name or VAT id. Write it in full."))
        if len(found) > 1:
            raise forms.ValidationError(_("Several companies have this name. Give the VAT id."))
        return found[0]


class ProductField(forms.CharField):
    """A product by its article number; a version stands for its product."""

    def clean(self, value: Any) -> Product | None:
        text = super().clean(value)
        if not text:
            return None
        found = Product.objects.filter(upc__iexact=text).select_related("parent").first()
        if found is None:
            raise forms.ValidationError(_("No product has this article number."))
        return found.parent or found


class MemberForm(forms.Form):
    company = CompanyField(label=gettext_lazy("Company"), max_length=200, help_text=gettext_lazy("Its name or VAT id."))


class RuleForm(forms.Form):
    """One subject, one audience, shown or hidden."""

    effect = forms.ChoiceField(label=gettext_lazy("Effect"), choices=VisibilityRule.Effect.choices)
    product = ProductField(label=gettext_lazy("Article number"), required=False, max_length=64)
    category = forms.ModelChoiceField(
        label=gettext_lazy("or category"),
        required=False,
        queryset=Category.objects.order_by("path"),
        help_text=gettext_lazy("With all categories and products below it."),
    )
    level = forms.ChoiceField(label=gettext_lazy("For"), choices=Level.choices)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False, choices=[("", "–"), *CHANNELS])
    group = forms.ModelChoiceField(
        label=gettext_lazy("Customer group"), required=False, queryset=CustomerGroup.objects.order_by("name")
    )
    company = CompanyField(label=gettext_lazy("Company"), required=False, max_length=200)

    AUDIENCES = ("country", "channel", "group", "company")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "–"), *countries()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Keep of the audiences the one that the level names."""
        data = super().clean() or {}
        if "product" in data and "category" in data and bool(data["product"]) == bool(data["category"]):
            self.add_error("product", _("Give an article number or a category, one of them."))
        level = data.get("level")
        if level in self.AUDIENCES and level in data and not data[level]:
            self.add_error(level, _("Say for whom."))
        for name in self.AUDIENCES:
            if name != level:
                data[name] = "" if name in ("country", "channel") else None
        return data


class ProfileForm(forms.Form):
    """A mode for a group or a segment, in a country or in all."""

    group = forms.ModelChoiceField(
        label=gettext_lazy("Customer group"), required=False, queryset=CustomerGroup.objects.order_by("name")
    )
    segment = forms.ChoiceField(label=gettext_lazy("or segment"), required=False)
    country = forms.ChoiceField(
        label=gettext_lazy("Country"), required=False, help_text=gettext_lazy("Empty: in every country.")
    )
    mode = forms.ChoiceField(label=gettext_lazy("Mode"), choices=SiteMode.choices, widget=forms.RadioSelect)
    prices = forms.ChoiceField(
        label=gettext_lazy("Prices are shown"), choices=SiteProfile.Prices.choices, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {
            *segments(),
            *((row, row) for row in SiteProfile.objects.exclude(segment="").values_list("segment", flat=True)),
        }
        self.fields["segment"].choices = [("", "–"), *sorted(known)]  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", "–"), *countries()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("group") and data.get("segment"):
            self.add_error("segment", _("Choose a group or a segment, not both."))
        data["prices"] = data.get("prices") or SiteProfile.Prices.NET
        return data


class CompanyForm(forms.Form):
    """Whose view to look at."""

    company = CompanyField(label=gettext_lazy("Company"), required=False, max_length=200)


class WhoForm(CompanyForm):
    """Whose view of what to look at."""

    product = ProductField(label=gettext_lazy("Article number"), required=False, max_length=64)

    field_order = ("product", "company")
