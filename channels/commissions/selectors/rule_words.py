"""The words of rules: lists, rates and amounts in the reader's language, and the names of what the store sells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from channels.core.money import currency_exponent, from_minor
from channels.journeys.selectors import wording
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True)
class Words:
    """Names by code; a code without a name stands for itself, with its hyphens as spaces."""

    product_classes: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)

    def product_class(self, slug: str) -> str:
        return self.product_classes.get(slug) or slug.replace("-", " ")

    def category(self, slug: str) -> str:
        return self.categories.get(slug) or slug.replace("-", " ")

    def country(self, code: str) -> str:
        return self.countries.get(code, code)

    def segment(self, slug: str) -> str:
        return slug.replace("-", " ").replace("_", " ")

    def tier(self, code: str) -> str:
        names = {str(value): str(label) for value, label in ChannelPartner.Tier.choices}
        return names.get(code, code).lower()

    def role(self, code: str) -> str:
        return wording.role(code).lower()

    def day(self, day: date) -> str:
        return date_format(day, "DATE_FORMAT")


def percent(basis_points: int) -> str:
    """Return basis points as a percentage without needless decimals."""
    whole, part = divmod(basis_points, 100)
    if not part:
        return f"{number_format(whole)} %"
    return f"{number_format(basis_points / 100, decimal_pos=2 if part % 10 else 1)} %"


def amounts(by_currency: Mapping[str, int]) -> str:
    """Return amounts of several currencies as alternatives."""
    return any_of(
        f"{number_format(from_minor(minor, currency), decimal_pos=_decimals(minor, currency), force_grouping=True)} {currency}"
        for currency, minor in by_currency.items()
    )


def _decimals(minor: int, currency: str) -> int:
    exponent = currency_exponent(currency)
    return 0 if minor % 10**exponent == 0 else exponent


def listed(words: Iterable[str]) -> str:
    """Join words: a, b and c."""
    return _joined(list(words), _("%(first)s and %(last)s"))


def any_of(words: Iterable[str]) -> str:
    """Join alternatives: a, b or c."""
    return _joined(list(words), _("%(first)s or %(last)s"))


def _joined(words: list[str], template: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return template % {"first": ", ".join(words[:-1]), "last": words[-1]}


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
