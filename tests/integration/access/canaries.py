"""The word that only one tenant's rows carry, in every text field of theirs; whoever else reads it has found a leak."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

WORD = "canary"
# Everybody's: the catalogue and its suppliers, what the site is made of, and who was let in.
COMMON_APPS = {
    "catalogue",
    "shop_catalogue",
    "partner",
    "sessions",
    "wagtailcore",
    "wagtailsearch",
    "contenttypes",
    "cms",
}
# Fields that hold a code, a number or a digest and not words: another value would be a fault, or another row.
CODES = re.compile(
    r"(.*_)?(code|key|keys|number|ref|reference|hash|digest|sku|upc|slug|country|currency|status|step|type|kind|verb|cause"
    r"|role|source|segment|language|password|username|pattern|path|method|account|class|rule_id|paid_in|subject_id|id"
    r"|destination|rail|head|token|rule|filename|state)"
)

Rows = dict[type[models.Model], set[Any]]


def all_rows() -> Rows:
    """Return the keys of every row of every table."""
    tables = (model for model in apps.get_models(include_auto_created=True) if model._meta.managed)
    return {model: set(model._base_manager.values_list("pk", flat=True)) for model in tables}


def added_since(before: Rows) -> Rows:
    """Return the keys of the tenant's rows that were added since."""
    return {
        model: new
        for model, keys in all_rows().items()
        if (new := keys - before[model]) and model._meta.app_label not in COMMON_APPS
    }


def plant(rows: Rows) -> None:
    """Write the word into every text field of these rows that may be written and does not hold it yet."""
    for model, field in _fields(rows):
        for pk, _value in _without_word(model, field, rows[model]):
            with suppress(IntegrityError), transaction.atomic():  # a table that only grows refuses
                model._base_manager.filter(pk=pk).update(**{field.attname: _word_for(field, pk)})


def unplanted(rows: Rows) -> set[str]:
    """Return the text fields, as "app.Model.field", that no row holds the word in."""
    bare = set()
    for model, field in _fields(rows):
        if len(_without_word(model, field, rows[model])) == len(rows[model]):
            bare.add(f"{model._meta.label}.{field.name}")
    return bare


def snapshot(rows: Rows) -> dict[str, list[Any]]:
    return {
        model._meta.label: list(model._base_manager.filter(pk__in=keys).order_by("pk").values_list())
        for model, keys in rows.items()
    }


def _fields(rows: Rows) -> Iterator[tuple[type[models.Model], Any]]:
    for model in rows:
        for field in model._meta.local_concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.SlugField)
            if is_text and not field.choices and not field.primary_key and not CODES.fullmatch(field.name):
                yield model, field


def _without_word(model: type[models.Model], field: Any, keys: set[Any]) -> list[tuple[Any, Any]]:
    rows = model._base_manager.filter(pk__in=keys).values_list("pk", field.attname)
    return [(pk, value) for pk, value in rows if WORD not in str(value).lower()]


def _word_for(field: Any, pk: Any) -> str:
    word = f"{WORD} {field.name} {pk}"
    if isinstance(field, models.EmailField):
        word = f"{WORD}-{pk}@example.com"
    elif isinstance(field, models.URLField):
        word = f"https://{WORD}.example.com/"
    return word[: field.max_length] if field.max_length else word
