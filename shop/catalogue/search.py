"""Full-text search through modelsearch: exact article numbers, then relevance, then beginnings of words."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from modelsearch.backends import get_search_backend
from modelsearch.conf import get_app_config
from modelsearch.query import PlainText

from shop.catalogue.caching import key_of
from shop.catalogue.engine.snapshot import Snapshot
from shop.catalogue.models import CatalogueEntry

WORD = re.compile(r"\w+")
DATABASE_BACKENDS = ("modelsearch.backends.database", "wagtail.search.backends.database")
MAX_WORDS = 8
MAX_HITS = 2000
SECONDS = 600


def ranked_ids(query: str, catalogue: Snapshot) -> list[int]:
    """Public products that match every word, best first; at most MAX_HITS."""
    words = words_of(query)
    if not words:
        return []
    key = key_of("hits", catalogue.token, " ".join(words), query.casefold())
    found: list[int] | None = cache.get(key)
    if found is None:
        exact = [pk] if (pk := catalogue.find(query)) is not None else []
        found = _unique(catalogue, exact, _full_text(words))
        cache.set(key, found, SECONDS)
    return found


def words_of(query: str) -> list[str]:
    """Words only: quotes, operators and other characters that a search engine's syntax gives a meaning are dropped."""
    return [word.casefold() for word in WORD.findall(query)][:MAX_WORDS]


def _unique(catalogue: Snapshot, *groups: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(pk for group in groups for pk in group if catalogue.has(pk)))


def _full_text(words: list[str]) -> list[int]:
    """Ask the database modelsearch filled, in one query; any other search engine through modelsearch itself.

    Its own results for SQLite run the match again for each row, quadratic in the hits, and make an instance of each.
    """
    backend = get_search_backend()
    if type(backend).__module__.startswith(DATABASE_BACKENDS):
        ask = {"sqlite": _sqlite, "postgresql": _postgresql}.get(connection.vendor)
        if ask:
            table = get_app_config().get_model("IndexEntry")._meta.db_table
            content_type = ContentType.objects.get_for_model(CatalogueEntry).pk
            with connection.cursor() as cursor:
                cursor.execute(*ask(table, content_type, words))
                return [int(row[0]) for row in cursor.fetchall()]
    query, entries = PlainText(" ".join(words), operator="and"), CatalogueEntry.objects.only("pk")
    whole, begun = backend.search(query, entries)[:MAX_HITS], backend.autocomplete(query, entries)[:MAX_HITS]
    return [entry.pk for entry in (*whole, *begun)]


def _sqlite(table: str, content_type: int, words: list[str]) -> tuple[str, list[Any]]:
    """Weights: beginnings 2, body 1, title 8, in the order of the table's columns."""
    terms = [f'"{word}"' for word in words]
    match = " AND ".join([*terms[:-1], terms[-1] + (" *" if len(words[-1]) > 1 else "")])
    sql = (
        f"SELECT entry.object_id FROM {table}_fts JOIN {table} entry ON entry.id = {table}_fts.rowid "  # noqa: S608
        f"WHERE {table}_fts MATCH %s AND entry.content_type_id = %s ORDER BY bm25({table}_fts, 2.0, 1.0, 8.0) LIMIT %s"
    )
    return sql, [match, content_type, MAX_HITS]


def _postgresql(table: str, content_type: int, words: list[str]) -> tuple[str, list[Any]]:
    """Whole words in the text, or the last word begun in title, codes and names; a hit in the title counts eightfold."""
    begun = " & ".join(f"'{word}'" for word in words) + (":*" if len(words[-1]) > 1 else "")
    sql = (
        f"SELECT object_id FROM {table}, plainto_tsquery(%s) whole, to_tsquery('simple', %s) begun "  # noqa: S608
        "WHERE content_type_id = %s AND (body @@ whole OR autocomplete @@ begun) ORDER BY "
        "ts_rank(title, whole) * 8 + ts_rank(autocomplete, begun) * 2 + ts_rank(body, whole) DESC, object_id LIMIT %s"
    )
    return sql, [" ".join(words), begun, content_type, MAX_HITS]


def suggestion(query: str, catalogue: Snapshot) -> str:
    """The query with unknown words replaced by close ones from product titles; '' when there is nothing better."""
    words = words_of(query)
    mended = [_closest(word, catalogue) for word in words]
    return " ".join(mended) if mended != words else ""


@lru_cache(maxsize=8)
def _vocabulary(catalogue: Snapshot) -> frozenset[str]:
    titles = (title for pk, title in zip(catalogue.ids, catalogue.titles, strict=True) if catalogue.has(pk))
    return frozenset(word for title in titles for word in words_of(title) if word.isalpha() and len(word) > 2)


def _closest(word: str, catalogue: Snapshot) -> str:
    """Words of letters only; an article number that is nearly right is another article."""
    known = _vocabulary(catalogue)
    if word in known or not word.isalpha() or not 4 <= len(word) <= 40:
        return word
    near = [other for other in known if abs(len(other) - len(word)) <= 2]
    return next(iter(get_close_matches(word, near, n=1, cutoff=0.72)), word)
