"""Views of one product, for whom it is hidden: they answer like for a product that has never been."""

from typing import Any

from django.http import Http404, HttpRequest
from oscar.apps.catalogue.models import Product

from shop.catalogue.visibility import hidden_from


def require_known(request: HttpRequest, product_id: int) -> None:
    """Raise Http404 for a product, or a version of one, that is hidden from the visitor."""
    hidden = hidden_from(getattr(request, "company_key", ""))
    if not hidden.products:
        return
    parent = Product.objects.filter(pk=product_id).values_list("parent_id", flat=True).first()
    if hidden.has_product(parent or product_id):
        raise Http404


class KnownProduct:
    """For a view whose address names a product as `product_pk` or `pk`."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        require_known(request, kwargs.get("product_pk") or kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
