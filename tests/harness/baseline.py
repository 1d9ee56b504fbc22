"""The rows that every test starts from, and the quick way back to them after a test that committed.

Django's own flush truncates some 250 tables and makes every permission anew, about two seconds each time; and the
ledger refuses deletion. Here only the tables that hold rows are emptied, without the append-only triggers in just
that transaction, and what the migrations had put there is put back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.apps import apps
from django.core import serializers
from django.core.cache import caches
from django.db import connection, models, transaction

from channels.commissions import append_only

KEPT = {"django_content_type", "auth_permission", "django_migrations"}
_snapshot: str = "[]"


def create_what_migrations_do() -> None:
    """Stand in for the data migrations when tables come straight from the models: triggers, Wagtail's roots, rates and roles."""
    from wagtail.models import Collection, Locale, Page

    from shop.companies.capabilities import standard_roles
    from shop.companies.models import Role

    append_only.install(connection)
    Role.objects.bulk_create([Role(**row) for row in standard_roles()])
    for seeds in ("shop.tax.migrations.0002_standard_rates", "shop.fulfilment.migrations.0002_standard_and_express"):
        import_module(seeds).write(apps, None)
    _create_full_text()
    Locale.objects.get_or_create(language_code="en")
    if not Page.objects.filter(depth=1).exists():
        Page.add_root(title="Root", slug="root")
    if not Collection.objects.filter(depth=1).exists():
        Collection.add_root(name="Root")


def _create_full_text() -> None:
    """SQLite's full-text table is made by a migration of Wagtail's; from the model alone it would be a plain one."""
    if connection.vendor != "sqlite":
        return
    migration = import_module("wagtail.search.migrations.0006_customise_indexentry").Migration
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE wagtailsearch_indexentry_fts")
        for operation in migration.operations:
            for step in getattr(operation, "database_operations", ()):
                cursor.execute(step.sql)


def remember() -> None:
    """Keep the rows as they are now for `restore`."""
    global _snapshot  # noqa: PLW0603
    filled = set(_filled_tables())
    rows = [row for model in _concrete_models() if model._meta.db_table in filled for row in _rows(model)]
    _snapshot = serializers.serialize("json", rows)


def restore() -> None:
    """Empty every table and put the remembered rows back, in one transaction."""
    with transaction.atomic(), _unguarded():
        with connection.cursor() as cursor:
            for table in _filled_tables():
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        for row in serializers.deserialize("json", _snapshot):
            row.save()
    forget_caches()


@contextmanager
def _unguarded() -> Iterator[None]:
    """Let the transaction change what only grows: by a setting for superusers of PostgreSQL, else with the triggers away."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW is_superuser")
            if cursor.fetchone() == ("on",):
                cursor.execute("SET LOCAL session_replication_role = replica")
                yield
                return
    append_only.remove(connection)
    yield
    append_only.install(connection)


def forget_caches() -> None:
    """Empty what outlives a rolled-back row: the caches, the counted tries, and the current site."""
    from django.contrib.sites.models import Site

    from channels import tries

    for cache in caches.all(initialized_only=True):
        cache.clear()
    tries._limiter.cache_clear()
    Site.objects.clear_cache()


def end_other_sessions() -> None:
    """Free the database for its removal: a browser's kept-alive connection may still hold a session of the server."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def _concrete_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in KEPT
    ]


def _rows(model: type[models.Model]) -> list[models.Model]:
    # Auto-created through tables come back with their owner's many-to-many field.
    return [] if model._meta.auto_created else list(model._base_manager.order_by("pk"))


def _filled_tables() -> list[str]:
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        tables = sorted({model._meta.db_table for model in _concrete_models()} & existing)
        # SQLite takes at most 500 terms in one compound query.
        filled = []
        for start in range(0, len(tables), 200):
            questions = " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})"
                for table in tables[start : start + 200]
            )
            cursor.execute(questions)
            filled += [row[0] for row in cursor.fetchall()]
    return filled
