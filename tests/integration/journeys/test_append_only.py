"""What only grows refuses everything else, whoever asks and however."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, models, transaction

from channels.audit import append_only
from channels.audit.models import AuditEvent
from channels.journeys.models import (
    CompanyMerge,
    CompanyMergeEnd,
    Credit,
    OrderLine,
    OrderRecord,
    Relationship,
    RelationshipEnd,
    Touchpoint,
)
from channels.journeys.services import attribution, merges, relationships
from channels.partners.models import PartnerStatusChange
from channels.partners.services import lifecycle
from tests.factories import channels as make
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db

GROWING = (
    Touchpoint, Relationship, RelationshipEnd, OrderRecord, OrderLine, Credit, AuditEvent, PartnerStatusChange,
    CompanyMerge, CompanyMergeEnd,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _world() -> None:
    make.policy()
    make.company()
    alfa, beta = make.partner("alfa"), make.partner("beta")
    make.touch(alfa, NOON - days(1))
    for partner, day in ((alfa, 0), (beta, 1)):
        relationships.set_renewal_steward(
            company_key="fjord", partner_code=partner.code, valid_from=NOON + days(day), at=NOON, source="desk"
        )
    lifecycle.suspend(partner_id=beta.pk, at=NOON, actor=None, reason="x")
    attribution.attribute(run_id=make.pending_run(make.order()).pk, now=NOON)
    merged = merges.merge(
        company_id=make.company("bakken").pk, survivor_id=make.company().pk, reason="One company", at=NOON
    )
    merges.undo(merge_id=merged.pk, reason="Two after all", at=NOON)


@pytest.mark.parametrize("model", GROWING)
def test_no_row_changes_or_goes(model: type[models.Model]) -> None:
    row = model._default_manager.order_by("pk")[0]
    column = next(field.column for field in model._meta.concrete_fields if field.get_internal_type() == "CharField")
    table = connection.ops.quote_name(model._meta.db_table)
    attempts: list[Callable[[], object]] = [
        row.save,
        lambda: model._default_manager.filter(pk=row.pk)._raw_delete("default"),  # type: ignore[attr-defined]
        lambda: execute(f"UPDATE {table} SET {connection.ops.quote_name(column)} = 'x'"),
        lambda: execute(f"DELETE FROM {table}"),
    ]
    before = list(model._default_manager.order_by("pk").values())
    for attempt in attempts:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            attempt()

    assert list(model._default_manager.order_by("pk").values()) == before
    assert before


def test_every_marked_table_is_protected_and_the_marks_are_known() -> None:
    assert append_only.tables()["channels_journeys_policy"] == append_only.PUBLISHED
    assert {model._meta.db_table for model in GROWING} <= set(append_only.tables())
    if connection.vendor == "sqlite":
        question = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s AND name LIKE %s"
        expected = 2
    else:
        question = "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE %s"
        expected = 3
    with connection.cursor() as cursor:
        for table in append_only.tables():
            cursor.execute(question, [table, f"{table}_no_%"])
            assert (table, cursor.fetchone()[0]) == (table, expected)


def test_protection_comes_off_and_on_again() -> None:
    append_only.remove(connection)
    Touchpoint.objects.update(note="changed")
    append_only.install(connection)
    append_only.install(connection)

    with pytest.raises(IntegrityError), transaction.atomic():
        Touchpoint.objects.update(note="again")
    assert Touchpoint.objects.get().note == "changed"


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
