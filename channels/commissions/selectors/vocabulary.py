"""The words that rules may use: what the store provides, beside what the rules use already."""

from collections.abc import Callable, Iterable

from channels.commissions.engine.rules import Rule
from channels.commissions.selectors.rule_words import Words
from channels.contracts import Vocabulary
from channels.journeys.models import CompanyProfile

_providers: list[Callable[[], Vocabulary]] = []


def provide_vocabulary(provider: Callable[[], Vocabulary]) -> None:
    """Let the store say what it sells and where; the latest provider speaks."""
    _providers[:] = [provider]


def vocabulary() -> Vocabulary:
    return _providers[0]() if _providers else Vocabulary()


def words_of(known: Vocabulary) -> Words:
    """Return the names to read rules aloud with; product classes go inside a sentence."""
    return Words(
        product_classes={code: name.lower() for code, name in known.product_classes},
        categories={code: name.lstrip("– ") for code, name in known.categories},
        countries=dict(known.countries),
    )


def segments() -> list[str]:
    """Return the segments of the customers that channels knows."""
    found = CompanyProfile.objects.exclude(segment="").order_by("segment").values_list("segment", flat=True)
    return list(found.distinct())


def currencies_of(known: Vocabulary, rules: Iterable[Rule]) -> list[str]:
    """Return the store's currencies, then those that rules name besides."""
    found = dict.fromkeys(known.currencies)
    for rule in rules:
        for amounts in (
            rule.flat_minor,
            *(bracket.from_minor for bracket in rule.brackets),
            *(limit.amount_minor for limit in rule.limits),
        ):
            found |= dict.fromkeys(amounts)
    return list(found) or ["EUR"]
