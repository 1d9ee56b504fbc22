"""Models and migrations agree, forks included, and the migrations build a working database from nothing."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from channels.audit import append_only
from channels.commissions.append_only import ACCRUALS, HEAD


def manage(root: Path, database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a management command on a database file of its own."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "shop.settings.test",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_migration_is_missing(root: Path, tmp_path: Path) -> None:
    """`makemigrations` would write nothing, for our apps and for the forks of Oscar's."""
    result = manage(root, tmp_path / "empty.sqlite3", "makemigrations", "--check", "--dry-run")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
def test_migrations_build_the_store(root: Path, tmp_path: Path) -> None:
    """From an empty file to the whole schema, with the ledger's triggers; a second run has nothing to do."""
    database = tmp_path / "store.sqlite3"
    first = manage(root, database, "migrate", "--noinput")
    assert first.returncode == 0, first.stderr[-2000:]
    second = manage(root, database, "migrate", "--noinput")
    assert "No migrations to apply" in second.stdout
    with contextlib.closing(sqlite3.connect(database)) as opened:
        rows = opened.execute("SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        columns = {
            table: {name for _place, name, *_rest in opened.execute(f'PRAGMA table_info("{table}")')}
            for (table,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        }
    guarded = {name for (name,) in rows if name.startswith(("channels_", "shop_"))}
    assert guarded == {*append_only.tables(), ACCRUALS, HEAD}
    assert {"channels_commissions_ledgerentry", "channels_journeys_touchpoint"} <= guarded
    assert {table: columns.get(table) for table in of_models()} == of_models()


def of_models() -> dict[str, set[str]]:
    """Return the columns of each table as the models have them; SQLite's search index hides its row number."""
    managed = [model for model in apps.get_models(include_auto_created=True) if model._meta.can_migrate(connection)]
    return {
        model._meta.db_table: {field.column for field in model._meta.local_concrete_fields}
        for model in managed
        if not model._meta.proxy and not model._meta.db_table.endswith("_fts")
    }
