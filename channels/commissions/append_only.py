"""The database's own guard of the ledger: nothing is changed or deleted, and every posting sums to zero.

The first is the mechanism that all of channels uses. The zero sum is checked by PostgreSQL when the transaction
commits, so raw SQL is covered too; SQLite has no deferred triggers, and there the service and `verify_ledger` check.
"""

from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper

from channels.audit import append_only

ENTRIES = "channels_commissions_ledgerentry"
ACCRUALS = "channels_commissions_accrual"
HEAD = "channels_commissions_ledgerhead"
# An accrual's state and hold follow the ledger; everything else in it is a fact.
ACCRUAL_FACTS = (
    "key", "order_id", "line_id", "partner_id", "credit_id", "run_id", "reverses_id", "type", "programme_version_id",
    "rule_id", "rule_label", "sequence", "base_minor", "rate_bp", "amount_minor", "currency", "accrued_at",
)  # fmt: skip

# The only thing put into this SQL is the name of our own table.
ZERO_SUM_FUNCTION = f"""
CREATE OR REPLACE FUNCTION channels_posting_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM "{ENTRIES}" WHERE posting_id = NEW.posting_id GROUP BY currency HAVING SUM(amount_minor) <> 0
  ) THEN
    RAISE EXCEPTION 'posting % does not sum to zero', NEW.posting_id USING ERRCODE = '23000';
  END IF;
  RETURN NULL;
END $$
"""  # noqa: S608
ZERO_SUM_TRIGGER = f"""
CREATE CONSTRAINT TRIGGER "{ENTRIES}_zero_sum" AFTER INSERT ON "{ENTRIES}"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION channels_posting_sums_to_zero()
"""

BACKWARDS = "closed months stay closed: the head of the ledger only moves on"
MOVES_BACK = (
    "NEW.sequence < OLD.sequence OR NEW.closed_until < OLD.closed_until "
    "OR (NEW.closed_until IS NULL AND OLD.closed_until IS NOT NULL)"
)
HEAD_FUNCTION = f"""
CREATE OR REPLACE FUNCTION channels_head_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '{BACKWARDS}' USING ERRCODE = '23000';
END $$
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Guard every append-only table of channels; harmless when they are guarded already."""
    append_only.install(connection)
    _execute(connection, [*removals(connection.vendor), *statements(connection.vendor)])
    _execute(connection, [*head_removals(connection.vendor), *head_statements(connection.vendor)])


def remove(connection: BaseDatabaseWrapper) -> None:
    """Lay the tables open. For the test suite's clean-up, and nothing else."""
    append_only.remove(connection)
    _execute(connection, [*removals(connection.vendor), *head_removals(connection.vendor)])


def statements(vendor: str) -> list[str]:
    """Return the SQL of what only commissions needs: frozen facts of accruals, and the zero sum."""
    if vendor == "sqlite":
        columns = ", ".join(f'"{name}"' for name in ACCRUAL_FACTS)
        return [
            f'CREATE TRIGGER "{ACCRUALS}_no_{act}" BEFORE {event} ON "{ACCRUALS}" '
            f"BEGIN SELECT RAISE(ABORT, '{append_only.REFUSAL} ({ACCRUALS})'); END"
            for act, event in (("update", f"UPDATE OF {columns}"), ("delete", "DELETE"))
        ]
    changed = " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in ACCRUAL_FACTS)
    refuse = "FOR EACH ROW {} EXECUTE FUNCTION channels_refuse_change()"
    update = f'CREATE TRIGGER "{ACCRUALS}_no_update" BEFORE UPDATE ON "{ACCRUALS}" ' + refuse.format(
        f"WHEN ({changed})"
    )
    delete = f'CREATE TRIGGER "{ACCRUALS}_no_delete" BEFORE DELETE ON "{ACCRUALS}" ' + refuse.format("")
    return [append_only.POSTGRES_FUNCTION, update, delete, ZERO_SUM_FUNCTION, ZERO_SUM_TRIGGER]


def removals(vendor: str) -> list[str]:
    """Return the SQL that takes it off again."""
    if vendor == "sqlite":
        return [f'DROP TRIGGER IF EXISTS "{ACCRUALS}_no_{act}"' for act in ("update", "delete")]
    drops = [f'DROP TRIGGER IF EXISTS "{ACCRUALS}_no_{act}" ON "{ACCRUALS}"' for act in ("update", "delete")]
    return [*drops, f'DROP TRIGGER IF EXISTS "{ENTRIES}_zero_sum" ON "{ENTRIES}"']


def head_statements(vendor: str) -> list[str]:
    """Return the SQL that keeps the chain from growing shorter, and a closed month from being opened again."""
    name = f'"{HEAD}_moves_on"'
    if vendor == "sqlite":
        return [
            (
                f'CREATE TRIGGER {name} BEFORE UPDATE ON "{HEAD}" WHEN {MOVES_BACK} '
                f"BEGIN SELECT RAISE(ABORT, '{BACKWARDS}'); END"
            )
        ]
    return [
        HEAD_FUNCTION,
        (
            f'CREATE TRIGGER {name} BEFORE UPDATE ON "{HEAD}" FOR EACH ROW WHEN ({MOVES_BACK}) '
            "EXECUTE FUNCTION channels_head_moves_on()"
        ),
    ]


def head_removals(vendor: str) -> list[str]:
    on = "" if vendor == "sqlite" else f' ON "{HEAD}"'
    return [f'DROP TRIGGER IF EXISTS "{HEAD}_moves_on"{on}']


def guard_head() -> append_only.RunScript:
    """Return the migration operation for the head of the ledger."""
    return append_only.RunScript(head_statements, head_removals)


def guard() -> append_only.RunScript:
    """Return the migration operation for what only commissions needs."""
    return append_only.RunScript(statements, removals)


def _execute(connection: BaseDatabaseWrapper, script: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for sql in script:
            cursor.execute(sql)
