"""Tables that only ever grow: database triggers refuse UPDATE, DELETE and TRUNCATE, whoever asks.

A model joins by `is_append_only = True`; with `append_only_when` its rows freeze once that SQL condition on OLD holds
(a published policy), with `append_only_columns` only those columns do (of an invoice all but what was paid). Migrations
name the tables, since a historical model carries no attributes:

    operations = [append_only.protect("channels_journeys_touchpoint")]

SQLite loses a table's triggers when a migration remakes the table; such a migration protects it again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations.base import Operation

Script = Callable[[str], Iterable[str]]
PUBLISHED = "OLD.status = 'published'"
REFUSAL = "append-only: rows of this table are never changed or deleted"

# SQLSTATE 23000 makes PostgreSQL's refusal an IntegrityError, as SQLite's is.
POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION channels_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '{REFUSAL} (%)', TG_TABLE_NAME USING ERRCODE = '23000';
END $$
"""


def tables() -> dict[str, str]:
    """Return each append-only table of the installed apps with the condition under which its rows are frozen."""
    return {model._meta.db_table: getattr(model, "append_only_when", "") for model in _models()}


def statements(vendor: str, table: str, when: str = "", columns: Sequence[str] = ()) -> list[str]:
    """Return the SQL that protects a table, or only these columns of it; its rows cannot be deleted either way."""
    change = f"WHEN ({when})" if when else ""
    if columns:
        differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
        change = "WHEN ({})".format(" OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in columns))
    removal = "" if columns else change
    if vendor == "sqlite":
        return [
            f'CREATE TRIGGER IF NOT EXISTS "{table}_no_{act}" BEFORE {act.upper()} ON "{table}" {condition} '
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL} ({table})'); END"
            for act, condition in (("update", change), ("delete", removal))
        ]
    if vendor != "postgresql":
        raise NotImplementedError(f"No append-only triggers for {vendor}.")
    row = "FOR EACH ROW {} EXECUTE FUNCTION channels_refuse_change()"
    whole = "FOR EACH STATEMENT EXECUTE FUNCTION channels_refuse_change()"
    return [
        POSTGRES_FUNCTION,
        f'CREATE OR REPLACE TRIGGER "{table}_no_change" BEFORE UPDATE ON "{table}" {row.format(change)}',
        f'CREATE OR REPLACE TRIGGER "{table}_no_delete" BEFORE DELETE ON "{table}" {row.format(removal)}',
        f'CREATE OR REPLACE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" {whole}',
    ]


def removals(vendor: str, table: str) -> list[str]:
    """Return the SQL that takes the protection off again."""
    if vendor == "sqlite":
        return [f'DROP TRIGGER IF EXISTS "{table}_no_{act}"' for act in ("update", "delete")]
    return [f'DROP TRIGGER IF EXISTS "{table}_no_{act}" ON "{table}"' for act in ("change", "delete", "truncate")]


def install(connection: BaseDatabaseWrapper) -> None:
    """Protect every append-only table; harmless when it is protected already."""
    _execute(
        connection,
        [
            sql
            for model in _models()
            for sql in statements(
                connection.vendor,
                model._meta.db_table,
                getattr(model, "append_only_when", ""),
                getattr(model, "append_only_columns", ()),
            )
        ],
    )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Lay every append-only table open. For the test suite's clean-up, and nothing else."""
    _execute(connection, [sql for table in tables() for sql in removals(connection.vendor, table)])


class RunScript(Operation):
    """A migration operation: SQL that depends on the database, each way a function of its vendor.

    RunPython would make the models of that time anew, which takes seconds for each, and the SQL needs none.
    """

    reversible = True

    def __init__(self, forwards: Script, backwards: Script) -> None:
        self.forwards, self.backwards = forwards, backwards

    def state_forwards(self, app_label: str, state: Any) -> None:
        """No model changes."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _execute(schema_editor.connection, self.forwards(schema_editor.connection.vendor))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _execute(schema_editor.connection, self.backwards(schema_editor.connection.vendor))

    def describe(self) -> str:
        return "SQL of this database"


def protect(*names: str, when: str = "", columns: Sequence[str] = ()) -> RunScript:
    """Return the migration operation that protects the named tables."""
    return RunScript(
        lambda vendor: [sql for name in names for sql in statements(vendor, name, when, columns)],
        lambda vendor: [sql for name in names for sql in removals(vendor, name)],
    )


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if getattr(model, "is_append_only", False)]


def _execute(connection: BaseDatabaseWrapper, script: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for sql in script:
            cursor.execute(sql)
