"""Why somebody sees a product or does not: the rules that speak of it, and the level that decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from oscar.apps.catalogue.models import Category, Product, ProductCategory

from shop.segments.engine.visibility import LEVELS, unpack
from shop.segments.models import VisibilityRule
from shop.segments.selectors import Audience, hidden_from, rules_for_lists

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """`level` is the one that decided, '' when no rule speaks of the product for this audience."""

    is_seen: bool
    level: str
    rules: tuple[VisibilityRule, ...]


def touching(product: Product) -> QuerySet[VisibilityRule]:
    """Return the rules about a product: its own, and those of every category around it."""
    paths = ProductCategory.objects.filter(product=product).values_list("category__path", flat=True)
    step = Category.steplen
    around = {path[:end] for path in paths for end in range(step, len(path) + 1, step)}
    return rules_for_lists().filter(Q(product=product) | Q(category__path__in=around))


def verdict(rules: Sequence[VisibilityRule], audience: Audience) -> Verdict:
    """Decide from the rules about one product, as `engine.visibility.resolve` does from the sets."""
    names = audience.names()
    for level in reversed(LEVELS):
        said = tuple(rule for rule in rules if rule.level == level and (rule.level, rule.audience) in names)
        if said:
            is_hidden = any(rule.effect == VisibilityRule.Effect.HIDE for rule in said)
            return Verdict(not is_hidden, level, said)
    return Verdict(True, "", ())


@dataclass(frozen=True, slots=True)
class View:
    """What is hidden from a company: how many products, the first of them by title, and the categories."""

    count: int
    products: list[Product]
    categories: list[Category]


def hidden_view(audience: Audience) -> View:
    """Return what the flat table hides from an audience; three queries."""
    hidden = hidden_from(audience)
    ids = unpack(hidden.products)
    products = Product.objects.filter(pk__in=sorted(ids)[:MOST_SHOWN]).order_by("title", "pk")
    return View(
        len(ids), list(products), list(Category.objects.filter(pk__in=unpack(hidden.categories)).order_by("path"))
    )
