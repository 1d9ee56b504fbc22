"""Nothing on the ledger is changed or deleted, whoever tries and however."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from wagtail.admin.viewsets import viewsets
from wagtail.snippets.models import get_snippet_models

from channels.audit import append_only
from channels.commissions.models import (
    Accrual,
    LedgerEntry,
    LedgerPosting,
    ProgrammeVersion,
    Statement,
    StatementApproval,
    StatementLine,
)
from channels.commissions.services import schedule, statements
from channels.journeys.models import OrderRecord
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
FROZEN = (LedgerPosting, LedgerEntry, StatementLine, Accrual, ProgrammeVersion)


@pytest.fixture(autouse=True)
def books() -> None:
    """A paid order, on a statement."""
    money.programme()
    order = money.credited("ORD-A", (make.partner("nord"), "resale", 10_000))
    money.paid(order)
    schedule.run_due(now=make.NOON + timedelta(days=70))


def raw(*script: str) -> None:
    """Run SQL in a transaction of its own, to its deferred checks."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for sql in script:
                cursor.execute(sql)
        connection.check_constraints()


def sole(model: type[models.Model]) -> models.Model:
    return model._default_manager.order_by("pk")[0]


WAYS: dict[str, Callable[[type[models.Model]], object]] = {
    "save": lambda model: sole(model).save(force_update=True),
    "queryset update": lambda model: model._default_manager.update(**_a_change(model)),
    "raw update": lambda model: raw(f'UPDATE "{model._meta.db_table}" SET {_column(model)}'),
    "delete": lambda model: sole(model).delete(),
    "queryset delete": lambda model: model._default_manager.all().delete(),
    "fast delete": lambda model: model._default_manager.all()._raw_delete("default"),
    "raw delete": lambda model: raw(f'DELETE FROM "{model._meta.db_table}"'),
}


def _column(model: type[models.Model]) -> str:
    return {
        LedgerPosting: "kind = 'paid'",
        LedgerEntry: "account = 'Asset:Bank'",
        StatementLine: "id = id + 1000",
        Accrual: "currency = 'USD'",
        ProgrammeVersion: "status = 'draft'",
    }[model]  # type: ignore[index]


def _a_change(model: type[models.Model]) -> dict[str, object]:
    return {
        LedgerPosting: {"memo": "mine"},
        LedgerEntry: {"amount_minor": 1},
        StatementLine: {"entry_id": 999},
        Accrual: {"amount_minor": 1},
        ProgrammeVersion: {"terms": {}},
    }[model]  # type: ignore[index]


def dump() -> list[list[dict[str, object]]]:
    return [list(model._default_manager.order_by("pk").values()) for model in FROZEN]


@pytest.mark.parametrize("way", [name for name in WAYS if name != "save"])
@pytest.mark.parametrize("model", FROZEN)
def test_it_is_refused(model: type[models.Model], way: str) -> None:
    """By the database itself, or by a protected relation before it comes to that."""
    before = dump()
    with pytest.raises((IntegrityError, ProtectedError)), transaction.atomic():
        WAYS[way](model)
    assert dump() == before


@pytest.mark.parametrize("model", [LedgerPosting, LedgerEntry, StatementLine, ProgrammeVersion])
def test_saving_a_row_again_is_refused(model: type[models.Model]) -> None:
    """Even when nothing in it changed."""
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        WAYS["save"](model)


def test_an_accrual_changes_its_state_and_nothing_else() -> None:
    """Its state follows the ledger; its amount and its partner never move."""
    assert Accrual.objects.update(state=Accrual.State.PAYABLE) == 1
    for change in ({"base_minor": 7}, {"rate_bp": 7}, {"partner": make.partner("sor")}, {"rule_id": "mine"}):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Accrual.objects.update(**change)


def test_no_cascade_reaches_the_ledger() -> None:
    """Neither an order nor a partner with postings can go."""
    before = dump()
    for row in (OrderRecord.objects.get(), sole(Accrual).partner):  # type: ignore[attr-defined]
        with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
            row.delete()
        with pytest.raises(IntegrityError):
            raw(f'DELETE FROM "{row._meta.db_table}" WHERE id = {row.pk}')
    assert dump() == before


def test_no_relation_of_what_only_grows_cascades() -> None:
    """Whatever a row names stays as long as the row, or may go without it: nothing is deleted with it, and no column emptied."""
    grow = [model for model in apps.get_models() if model._meta.db_table in append_only.tables()]
    relations = [field for model in grow for field in model._meta.concrete_fields if field.remote_field]
    assert len(relations) > 100
    assert [str(field) for field in relations if not holds(field)] == []


def holds(field: models.ForeignKey) -> bool:
    is_free = field.remote_field.on_delete is models.DO_NOTHING and not field.db_constraint
    return is_free or field.remote_field.on_delete in (models.PROTECT, models.RESTRICT)


def test_no_admin_knows_what_only_grows() -> None:
    """Django's is not installed, and in Wagtail's no table of these has a page to change it."""
    assert not apps.is_installed("django.contrib.admin")
    grows = {model for model in apps.get_models() if model._meta.db_table in append_only.tables()}
    shown = {viewset.model for viewset in viewsets.viewsets if getattr(viewset, "model", None)}
    assert grows.isdisjoint({*shown, *get_snippet_models()})


@pytest.mark.slow
def test_the_admin_cannot_take_people_off_the_ledger(client: Client) -> None:
    """Whoever approved a statement stays: a superuser who deletes the account in Wagtail's admin is refused."""
    finance, root = make.user(), make.user(is_superuser=True, is_staff=True)
    statements.approve(statement_id=Statement.objects.get().pk, at=make.NOON + timedelta(days=71), by=finance)
    before = dump()
    client.force_login(root)
    one = reverse("wagtailusers_users:delete", args=[finance.pk])
    several = reverse("wagtail_bulk_action", args=["auth", "user", "delete"]) + f"?id={finance.pk}"
    for page in (one, several):
        answer = client.post(page, follow=True)
        assert answer.status_code == 200
        assert "Records name this person, so the account cannot be deleted." in answer.content.decode()
    finance.refresh_from_db()
    assert finance.is_active
    assert StatementApproval.objects.get().by_id == finance.pk
    assert dump() == before


def test_a_draft_may_still_change() -> None:
    """Only what is published is frozen."""
    draft = ProgrammeVersion.objects.create(programme=ProgrammeVersion.objects.get().programme, version=2, terms={})
    draft.reason = "still thinking"
    draft.save()
    draft.delete()
    assert ProgrammeVersion.objects.count() == 1


@pytest.mark.postgres
def test_an_unbalanced_posting_cannot_commit() -> None:
    """PostgreSQL checks the sum when the transaction ends, raw SQL included."""
    last = LedgerPosting.objects.order_by("-sequence")[0]
    columns = "posting_id, position, account, amount_minor, currency"
    sql = f"INSERT INTO channels_commissions_ledgerentry ({columns}) VALUES ({last.pk}, 9, 'Asset:Bank', 5, 'EUR')"
    with pytest.raises(IntegrityError, match="does not sum to zero"):
        raw(sql)


@pytest.mark.postgres
def test_the_ledger_cannot_be_truncated() -> None:
    """TRUNCATE passes by row triggers; it has its own."""
    for table in ("channels_commissions_ledgerentry", "channels_commissions_statementline"):
        with pytest.raises(IntegrityError, match="append-only"):
            raw("SET CONSTRAINTS ALL IMMEDIATE", f"TRUNCATE {table} CASCADE")
