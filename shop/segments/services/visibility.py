"""Rules of who sees what, and the flat table that they are resolved to."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from oscar.apps.catalogue.models import Category, Product, ProductCategory

from shop.catalogue.services import version
from shop.companies.models import Company
from shop.segments.engine.visibility import Spoken, from_bytes, pack, to_bytes
from shop.segments.models import CustomerGroup, Level, SiteProfile, VisibilityRule, VisibilitySet
from shop.segments.selectors import SETS

Name = tuple[str, str]  # (level, audience), as in VisibilitySet
RULE_COLUMNS = ("level", "country", "channel", "group_id", "company_id", "product_id", "category_id", "effect")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by keys alone."""

    name: Name
    product_id: int | None
    category_id: int | None
    is_shown: bool


@transaction.atomic
def add_rule(
    *,
    level: str,
    effect: str,
    now: datetime,
    actor: Any,
    product: Product | None = None,
    category: Category | None = None,
    country: str = "",
    channel: str = "",
    group: CustomerGroup | None = None,
    company: Company | None = None,
) -> VisibilityRule:
    """Show or hide a product, or a category with all below it; the same rule again changes nothing.

    The audience is what `level` names, and only that; the database refuses anything else.
    """
    rule, _created = VisibilityRule.objects.get_or_create(
        level=level, effect=effect, product=product, category=category,
        country=country, channel=channel, group=group, company=company,
        defaults={"created_at": now, "created_by": actor},
    )  # fmt: skip
    schedule([(rule.level, rule.audience)])
    return rule


@transaction.atomic
def remove_rule(*, rule_id: int) -> None:
    """Take a rule back; one that is gone already changes nothing."""
    rule = VisibilityRule.objects.filter(pk=rule_id).first()
    if rule is not None:
        rule.delete()
        schedule([(rule.level, rule.audience)])


def schedule(names: Collection[Name]) -> None:
    """Have the sets of these audiences written by a task, after the commit."""
    from shop.segments.tasks import rebuild_visibility

    wanted = [list(name) for name in names]
    transaction.on_commit(lambda: rebuild_visibility.delay(wanted), robust=True)


@transaction.atomic
def rebuild(*, names: Collection[Name] | None = None) -> int:
    """Write the sets of these audiences anew, or of all. Return how many changed.

    The number of queries does not depend on that of rules and products. Safe twice at once: under the lock each run
    reads the rules afresh.
    """
    version.lock()
    rules = _rules(_named(names))
    found = _spoken(rules)
    kept = {(row.level, row.audience): row for row in VisibilitySet.objects.filter(_named_sets(names))}
    gone = [row.pk for name, row in kept.items() if name not in found]
    changed = [_row(name, spoken) for name, spoken in found.items() if name not in kept or _of(kept[name]) != spoken]
    VisibilitySet.objects.filter(pk__in=gone).delete()
    _write(changed)
    if gone or changed:
        announce()
    return len(gone) + len(changed)


@transaction.atomic
def follow(*, product_ids: Collection[int]) -> int:
    """Let the sets follow products whose categories may have changed. Return how many sets changed.

    One query while no rule names a category.
    """
    rules = _rules(Q(category__isnull=False))
    if not rules:
        return 0
    version.lock()
    names = {rule.name for rule in rules}
    rules = [rule for rule in _rules(Q()) if rule.name in names]
    inside = _categories_around(product_ids)
    touched = pack(product_ids)
    changed = []
    for row in VisibilitySet.objects.all():
        name, before = (row.level, row.audience), _of(row)
        if name in names:
            after = before.without(touched)
            for rule in rules:
                if rule.name == name:
                    after |= _said(rule.is_shown, pack(pk for pk in product_ids if _covers(rule, pk, inside[pk])))
            if after != before:
                changed.append(_row(name, after))
    _write(changed)
    if changed:
        announce()
    return len(changed)


def announce() -> None:
    """Name a new state of the rules, so that no page of the old one is shown again."""
    version.bump_audience(is_ruled=VisibilityRule.objects.exists() or SiteProfile.objects.exists())


def _covers(rule: Rule, product_id: int, categories: Collection[int]) -> bool:
    return rule.product_id == product_id or rule.category_id in categories


def _rules(wanted: Q) -> list[Rule]:
    rows = VisibilityRule.objects.filter(wanted).values_list(*RULE_COLUMNS)
    return [
        Rule((level, str(company or group or country or channel or "")), product, category, effect == "show")
        for level, country, channel, group, company, product, category, effect in rows
    ]


def _named(names: Collection[Name] | None) -> Q:
    """The rules of these audiences."""
    if names is None:
        return Q()
    fields = {Level.COUNTRY: "country", Level.CHANNEL: "channel", Level.GROUP: "group_id", Level.COMPANY: "company_id"}
    wanted = Q(pk__in=())
    for level, audience in names:
        wanted |= Q(level=level, **({fields[Level(level)]: audience} if level in fields else {}))
    return wanted


def _named_sets(names: Collection[Name] | None) -> Q:
    if names is None:
        return Q()
    wanted = Q(pk__in=())
    for level, audience in names:
        wanted |= Q(level=level, audience=audience)
    return wanted


def _spoken(rules: Iterable[Rule]) -> dict[Name, Spoken]:
    """Resolve rules to sets: a category stands for itself, all below it, and the products in them."""
    rules = list(rules)
    categories = _below({rule.category_id for rule in rules if rule.category_id})
    contents = _contents({pk for below in categories.values() for pk in below})
    inside = {pk: (_union(contents[child] for child in below), pack(below)) for pk, below in categories.items()}
    products: dict[tuple[Name, bool], list[int]] = defaultdict(list)
    found: dict[Name, Spoken] = defaultdict(Spoken)
    for rule in rules:
        if rule.category_id:
            found[rule.name] |= _said(rule.is_shown, *inside[rule.category_id])
        elif rule.product_id:
            products[rule.name, rule.is_shown].append(rule.product_id)
    for (name, is_shown), ids in products.items():
        found[name] |= _said(is_shown, pack(ids))
    return found


def _said(is_shown: bool, products: int, categories: int = 0) -> Spoken:
    if is_shown:
        return Spoken(shown=products, shown_categories=categories)
    return Spoken(hidden=products, hidden_categories=categories)


def _union(sets: Iterable[int]) -> int:
    found = 0
    for one in sets:
        found |= one
    return found


def _below(category_ids: Collection[int]) -> dict[int, list[int]]:
    """Each category with all below it, itself first."""
    if not category_ids:
        return {}
    paths = dict(Category.objects.order_by("path").values_list("path", "pk"))
    roots = [(path, pk) for path, pk in paths.items() if pk in category_ids]
    return {pk: [other for path, other in paths.items() if path.startswith(root)] for root, pk in roots}


def _contents(category_ids: Collection[int]) -> dict[int, int]:
    """The products directly in each category, as sets."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = ProductCategory.objects.filter(category__in=category_ids) if category_ids else ProductCategory.objects.none()
    for category_id, product_id in rows.values_list("category_id", "product_id").iterator(chunk_size=5000):
        found[category_id].append(product_id)
    return defaultdict(int, {pk: pack(ids) for pk, ids in found.items()})


def _categories_around(product_ids: Collection[int]) -> dict[int, set[int]]:
    """The categories that hold each product, directly or further down."""
    by_path = dict(Category.objects.values_list("path", "pk"))
    found: dict[int, set[int]] = defaultdict(set)
    step = Category.steplen
    rows = ProductCategory.objects.filter(product__in=product_ids)
    for product_id, path in rows.values_list("product_id", "category__path"):
        found[product_id] |= {by_path[path[:end]] for end in range(step, len(path) + 1, step)}
    return found


def _of(row: VisibilitySet) -> Spoken:
    return Spoken(*(from_bytes(getattr(row, name)) for name in SETS))


def _row(name: Name, spoken: Spoken) -> VisibilitySet:
    level, audience = name
    return VisibilitySet(level=level, audience=audience, **{field: to_bytes(getattr(spoken, field)) for field in SETS})


def _write(rows: list[VisibilitySet]) -> None:
    VisibilitySet.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["level", "audience"], update_fields=list(SETS), batch_size=100
    )
