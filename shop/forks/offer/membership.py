"""Which of the basket's products belong to a range: asked once per range instead of once per line."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_view: ContextVar[tuple[frozenset, dict] | None] = ContextVar("products_in_view", default=None)


@contextmanager
def products_in_view(product_ids) -> Iterator[None]:
    """Answer `contains` for these products from memory until the block ends."""
    token = _view.set((frozenset(product_ids), {}))
    try:
        yield
    finally:
        _view.reset(token)


def contains(range_, product) -> bool | None:
    """Return whether the product is in the range, or None when nobody has these products in view."""
    view = _view.get()
    if view is None or product.pk not in view[0]:
        return None
    products, answers = view
    if range_.pk not in answers:
        if range_.includes_all_products and not range_.excludes_something():
            answers[range_.pk] = products
        else:
            found = range_.all_products().filter(pk__in=products).values_list("pk", flat=True)
            answers[range_.pk] = frozenset(found)
    return product.pk in answers[range_.pk]
