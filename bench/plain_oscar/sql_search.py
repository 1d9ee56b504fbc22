"""The search engine behind Oscar's lists, as good as one can be: two indexed queries in the shop's own database.

Oscar 4.2 draws its lists through Haystack. Haystack's "simple" backend finds no product for the filter that Oscar sets
(it matches the last word of the filter against the text columns), Whoosh is slow in plain Python, and Solr or
Elasticsearch are a server more. This backend answers what the list asks, public products of a page in a stable order,
without the way to another server and without counting facets, so plain Oscar is measured at its best.
"""

from typing import Any

from haystack.backends import BaseEngine, BaseSearchBackend
from haystack.backends.simple_backend import SimpleSearchQuery
from haystack.models import SearchResult
from oscar.apps.catalogue.models import Product


class SqlBackend(BaseSearchBackend):
    def search(
        self, query_string: str, start_offset: int = 0, end_offset: int | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        listed = Product.objects.filter(is_public=True, structure__in=["standalone", "parent"])
        ids = listed.order_by("pk").values_list("pk", flat=True)[start_offset:end_offset]
        return {"results": [SearchResult("catalogue", "product", pk, 0) for pk in ids], "hits": listed.count()}

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the database is the index."""

    remove = clear = update


class SqlEngine(BaseEngine):
    backend = SqlBackend
    query = SimpleSearchQuery
