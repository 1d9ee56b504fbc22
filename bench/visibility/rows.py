"""python -m bench.visibility.rows PRODUCTS GROUPS: write a catalogue and rules, rebuild, ask; one line of JSON."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bench.inside import which

which.shop()

from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from oscar.apps.catalogue.models import Category, Product, ProductCategory, ProductClass  # noqa: E402

from shop.catalogue.engine.snapshot import Row, build  # noqa: E402
from shop.catalogue.selectors import nodes, view  # noqa: E402
from shop.segments.engine.visibility import resolve  # noqa: E402
from shop.segments.models import CustomerGroup, VisibilityRule, VisibilitySet  # noqa: E402
from shop.segments.selectors import spoken_by_level  # noqa: E402
from shop.segments.services import visibility  # noqa: E402

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEAVES = 100
CATEGORY_RULES = 5  # of each group
PRODUCT_RULES = 20


def write(products: int, groups: int) -> None:
    """A hundred leaves in ten roots; each group hides five of them, and shows or hides twenty products."""
    kind = ProductClass.objects.create(name="Sensor", slug="sensor", track_stock=False, requires_shipping=False)
    made = Product.objects.bulk_create(
        (Product(title=f"P{n}", slug=f"p{n}", upc=f"P{n}", product_class=kind, structure="standalone")
         for n in range(products)),
        batch_size=5000,
    )  # fmt: skip
    leaves = []
    for n in range(LEAVES // 10):
        root = Category.add_root(name=f"R{n}", slug=f"r{n}")
        leaves += [Category.objects.get(pk=root.pk).add_child(name=f"C{n}-{m}", slug=f"c{n}-{m}") for m in range(10)]
    ProductCategory.objects.bulk_create(
        (ProductCategory(product=product, category=leaves[n % len(leaves)]) for n, product in enumerate(made)),
        batch_size=5000,
    )
    audiences = CustomerGroup.objects.bulk_create(CustomerGroup(code=f"g{n}", name=f"Group {n}") for n in range(groups))
    rules: list[VisibilityRule] = []
    for n, group in enumerate(audiences):
        own: dict[str, Any] = {"level": "group", "group": group, "created_at": NOW}
        named = [{"category": leaves[(n * 7 + m) % len(leaves)], "effect": "hide"} for m in range(CATEGORY_RULES)]
        named += [
            {"product": made[(n * 31 + m) % products], "effect": ("show", "hide")[m % 2]} for m in range(PRODUCT_RULES)
        ]
        rules += [VisibilityRule(**own, **values) for values in named]
    VisibilityRule.objects.bulk_create(rules, batch_size=5000)


def timed(act: Callable[[], object]) -> tuple[float, int]:
    """Return the seconds that it took, and its queries."""
    with CaptureQueriesContext(connection) as queries:
        started = time.perf_counter()
        act()
        return time.perf_counter() - started, len(queries)


def measure(products: int, groups: int) -> dict[str, Any]:
    write(products, groups)
    whole, whole_queries = timed(visibility.rebuild)
    again, _queries = timed(visibility.rebuild)
    first = CustomerGroup.objects.order_by("pk").first()
    VisibilityRule.objects.filter(group=first).first().delete()  # type: ignore[union-attr]
    one, one_queries = timed(lambda: visibility.rebuild(names=[("group", str(first.pk))]))  # type: ignore[union-attr]
    asked = [timed(lambda pk=pk: resolve(spoken_by_level([("group", str(pk))])))  # type: ignore[misc]
             for pk in CustomerGroup.objects.values_list("pk", flat=True)]  # fmt: skip
    ids = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    rows = [Row(pk, f"P{pk}", "sensor", "Sensor", (), {}, 100, True, 0, float(pk)) for pk in ids]
    catalogue = build("bench", rows, nodes())
    hidden = resolve(spoken_by_level([("group", str(first.pk))]))  # type: ignore[union-attr]
    narrowed, _queries = timed(lambda: view(catalogue, hidden))
    return {
        "products": products,
        "groups": groups,
        "rules": VisibilityRule.objects.count(),
        "rebuild_seconds": whole,
        "rebuild_queries": whole_queries,
        "again_seconds": again,
        "one_group_seconds": one,
        "one_group_queries": one_queries,
        "ask_ms": statistics.median(seconds for seconds, _ in asked) * 1000,
        "ask_queries": max(queries for _, queries in asked),
        "narrow_ms": narrowed * 1000,
        "table_mib": sum(
            len(part) for row in VisibilitySet.objects.values_list("shown", "hidden") for part in row
        ) / 2**20,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
