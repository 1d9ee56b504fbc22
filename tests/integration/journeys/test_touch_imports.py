"""Touchpoints from files: all rows or none, the same row once, and a report that says what to do."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from channels.audit.models import AuditEvent
from channels.journeys.engine.touch_file import MOST_BYTES, UnreadableFile
from channels.journeys.models import TouchImport, Touchpoint
from channels.journeys.selectors.touch_files import examine
from channels.journeys.services import touch_imports
from shop.operations import schedule
from tests.factories import channels as make
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db
State = TouchImport.State
HEAD = "key,at,kind,medium,partner,company,campaign,cost,currency,note"
GOOD = f"""{HEAD}
k-1,2026-02-01,visit,,alfa,fjord,,,,On site
k-2,2026-02-02T10:30:00+01:00,call,call_centre,,fjord,spring,120.50,eur,
,2026-02-03,Demonstration,,ALFA,NO123,,,,
"""


@pytest.fixture(autouse=True)
def _world() -> None:
    make.company("fjord", vat_id="NO123")
    make.partner("alfa")


def uploaded(text: str | bytes, name: str = "touches.csv") -> TouchImport:
    content = text.encode() if isinstance(text, str) else text
    found = touch_imports.upload(name=name, content=content, at=NOON)
    return touch_imports.check(import_id=found.pk, now=NOON)


def added(found: TouchImport) -> TouchImport:
    touch_imports.accept(import_id=found.pk, at=NOON)
    return touch_imports.add(import_id=found.pk, now=NOON)


def told(found: TouchImport) -> list[tuple[int, str, str]]:
    return [(one["row"], one["column"], one["code"]) for one in found.problems]


def test_a_right_file_is_checked_without_adding_and_then_added_whole() -> None:
    found = uploaded(GOOD)
    assert (found.state, found.rows_total, found.rows_new, found.rows_known, found.problems) == ("checked", 3, 3, 0, [])
    assert Touchpoint.objects.count() == 0

    done = added(found)

    assert (done.state, bytes(done.content), done.finished_at) == ("done", b"", NOON)
    first, second, third = Touchpoint.objects.order_by("at")
    assert (first.key, first.partner.code, first.medium, first.note) == ("import:k-1", "alfa", "field_sales", "On site")
    assert second.at == datetime(2026, 2, 2, 9, 30, tzinfo=UTC)
    assert (second.partner, second.cost_minor, second.cost_currency, second.campaign) == (None, 12_050, "EUR", "spring")
    assert (third.kind, third.partner.code, third.company.key) == ("demo", "alfa", "fjord")
    assert third.key.startswith("import:auto:")
    assert third.evidence == {"import": str(found.pk), "row": "4"}
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["touchpoints.uploaded", "touchpoints.accepted", "touchpoints.imported"]


def test_the_same_file_again_adds_nothing() -> None:
    added(uploaded(GOOD))
    again = added(uploaded(GOOD))
    assert (again.state, again.rows_new, again.rows_known) == ("done", 0, 3)
    assert Touchpoint.objects.count() == 3


def test_adding_twice_adds_once() -> None:
    found = uploaded(GOOD)
    added(found)
    touch_imports.add(import_id=found.pk, now=NOON)
    with pytest.raises(touch_imports.ImportNotAllowed):
        touch_imports.accept(import_id=found.pk, at=NOON)
    assert Touchpoint.objects.count() == 3


@pytest.mark.parametrize(
    ("row", "problems"),
    [
        (",,visit,,,fjord,,,,", [(2, "at", "missing")]),
        (",yesterday,visit,,,fjord,,,,", [(2, "at", "not_a_moment")]),
        (",2027-01-01,visit,,,fjord,,,,", [(2, "at", "in_the_future")]),
        (",2026-02-01,wink,,,fjord,,,,", [(2, "kind", "unknown_kind")]),
        (",2026-02-01,visit,pigeon,,fjord,,,,", [(2, "medium", "unknown_medium")]),
        (",2026-02-01,visit,,nobody,fjord,,,,", [(2, "partner", "unknown_partner")]),
        (",2026-02-01,visit,,,atlantis,,,,", [(2, "company", "unknown_company")]),
        (",2026-02-01,visit,,,shared.example.com,,,,", [(2, "company", "ambiguous_company")]),
        (",2026-02-01,visit,,,fjord,,much,EUR,", [(2, "cost", "cost_not_a_number")]),
        (",2026-02-01,visit,,,fjord,,-5,EUR,", [(2, "cost", "cost_unusual")]),
        (",2026-02-01,visit,,,fjord,,5,,", [(2, "currency", "currency_missing")]),
        (",2026-02-01,visit,,,fjord,,5,euros,", [(2, "currency", "currency_unknown")]),
        (",2026-02-01,visit,,,fjord,,,EUR,", [(2, "currency", "currency_alone")]),
        (f",2026-02-01,visit,,,fjord,{'x' * 61},,,", [(2, "campaign", "too_long")]),
        (",2026-02-01,visit,,,fjord,,,,note, with a comma", [(2, "", "too_many_cells")]),
        (
            ",,wink,,,fjord,,5,,",
            [(2, "at", "missing"), (2, "kind", "unknown_kind"), (2, "currency", "currency_missing")],
        ),
    ],
)
def test_each_mistake_is_told_by_row_and_column_and_nothing_is_added(row: str, problems: list[Any]) -> None:
    for key in ("one", "two"):
        make.company(key, email_domain="shared.example.com")
    found = uploaded(f"{HEAD}\n{row}\n,2026-02-05,visit,,,fjord,,,,good\n")
    assert told(found) == problems
    assert (found.state, found.rows_wrong, bytes(found.content)) == ("refused", 1, b"")
    with pytest.raises(touch_imports.ImportNotAllowed):
        touch_imports.accept(import_id=found.pk, at=NOON)
    assert Touchpoint.objects.count() == 0


def test_a_row_twice_and_a_key_that_says_something_else_are_mistakes() -> None:
    added(uploaded(GOOD))
    rows = ["k-1,2026-02-09,visit,,alfa,fjord,,,,", ",2026-02-04,call,,,fjord,,,,", ",2026-02-04,call,,,fjord,,,,"]
    found = uploaded("\n".join([HEAD, *rows]))
    assert told(found) == [(2, "key", "key_taken"), (4, "key", "twice")]
    assert found.problems[1]["more"] == "3"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"PK\x03\x04\x00\x00", "not_text"),
        (b"at,kind\n2026-02-01,call\n", "columns_missing"),
        (b"at,kind,company,mood\n", "columns_unknown"),
        (b"at,kind,company,at\n", "columns_twice"),
        (b"at,kind,company\n" + b"2026-02-01,call,fjord\n" * 100_001, "too_many_rows"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(content: bytes, code: str) -> None:
    assert [one["code"] for one in uploaded(content).problems] == [code]


def test_a_file_too_large_is_not_even_kept() -> None:
    with pytest.raises(UnreadableFile):
        touch_imports.upload(name="big.csv", content=b"x" * (MOST_BYTES + 1), at=NOON)
    assert TouchImport.objects.count() == 0


@pytest.mark.parametrize(
    ("encoding", "separator", "named"),
    [("utf-8", ",", "utf-8"), ("utf-8-sig", ";", "utf-8-sig"), ("utf-16", "\t", "utf-16"), ("cp1252", "|", "cp1252")],
)
def test_encoding_and_separator_are_sniffed(encoding: str, separator: str, named: str) -> None:
    text = separator.join(["at", "kind", "company", "note"]) + "\r\n"
    text += separator.join(["2026-02-01", "call", "fjord", '"Møte, på ""Ås"""']) + "\r\n"
    found = added(uploaded(text.encode(encoding)))
    assert (found.encoding, found.separator, found.rows_new) == (named, separator, 1)
    assert Touchpoint.objects.get().note == 'Møte, på "Ås"'


def test_what_was_right_when_checked_is_checked_again_when_added() -> None:
    found = uploaded(GOOD)
    make.company("other", vat_id="NO123")
    touch_imports.accept(import_id=found.pk, at=NOON)
    done = touch_imports.add(import_id=found.pk, now=NOON)
    assert (done.state, told(done)) == ("refused", [(4, "company", "ambiguous_company")])
    assert Touchpoint.objects.count() == 0


def test_a_failure_adds_nothing_and_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found = uploaded(GOOD)
    touch_imports.accept(import_id=found.pk, at=NOON)
    with monkeypatch.context() as broken:
        broken.setattr("channels.journeys.services.touch_imports.BATCH", "many")
        failed = touch_imports.add(import_id=found.pk, now=NOON)
    assert (failed.state, failed.last_error.partition(":")[0]) == ("adding", "TypeError")
    assert Touchpoint.objects.count() == 0
    assert touch_imports.work_on(import_id=found.pk, now=NOON).state == "done"
    assert Touchpoint.objects.count() == 3


def test_the_lookups_cost_the_same_for_any_number_of_rows(django_assert_num_queries: Any) -> None:
    for rows in (1, 40):
        text = "\n".join([HEAD, *(f"r{rows}-{n},2026-02-01,call,,alfa,fjord,,,,{n}" for n in range(rows))])
        with django_assert_num_queries(3):
            examine(text.encode(), now=NOON, progress=lambda seen: None)


def test_the_command_checks_and_adds(tmp_path: Path) -> None:
    file = tmp_path / "touches.csv"
    file.write_text(GOOD)
    out = StringIO()
    call_command("import_touchpoints", file, "--dry-run", stdout=out)
    assert (out.getvalue(), Touchpoint.objects.count()) == ("3 rows to add, 0 known already.\n", 0)
    out = StringIO()
    call_command("import_touchpoints", file, stdout=out)
    assert (out.getvalue(), Touchpoint.objects.count()) == ("3 rows added, 0 known already.\n", 3)
    assert TouchImport.objects.get().state == State.DONE


def test_the_command_names_the_row_and_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "touches.csv"
    file.write_text(f"{HEAD}\n,2026-02-01,visit,,nobody,fjord,,,,\n")
    errors = StringIO()
    with pytest.raises(CommandError, match="Nothing was added: 1 mistakes in 1 rows"):
        call_command("import_touchpoints", file, stderr=errors)
    assert errors.getvalue().startswith("row 2, partner: There is no partner with this code. Use the code from")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_touchpoints", tmp_path / "missing.csv")


def test_touches_of_a_file_count_for_an_order() -> None:
    make.policy()
    added(uploaded(GOOD))
    from channels.journeys.services import attribution

    run = attribution.attribute(run_id=make.pending_run(make.order(placed_at=NOON + days(1))).pk, now=NOON + days(1))
    assert [credit.partner.code for credit in run.credits.all()] == ["alfa"]


LATER = NOON + timedelta(minutes=5)


@pytest.mark.parametrize("state", ["waiting", "checking", "adding"])
def test_the_sweeper_sends_a_lost_file_again(state: str, django_capture_on_commit_callbacks: Any) -> None:
    """After five minutes, once; it is then checked, or its rows are in."""
    found = touch_imports.upload(name="touches.csv", content=GOOD.encode(), at=NOON)
    TouchImport.objects.filter(pk=found.pk).update(state=state)
    with django_capture_on_commit_callbacks(execute=True) as sent:
        assert schedule.heal(now=LATER - timedelta(seconds=1))["touch_files"] == 0
        assert schedule.heal(now=LATER)["touch_files"] == 1
        assert schedule.run_due(now=LATER)["touch_files"] == 0
    assert len(sent) == 1
    found.refresh_from_db()
    assert (found.state, found.attempts) == ("done" if state == "adding" else "checked", 1)
    assert Touchpoint.objects.count() == (3 if state == "adding" else 0)


def test_a_file_that_is_lost_again_and_again_is_given_up_and_may_be_sent_by_a_person(
    django_capture_on_commit_callbacks: Any,
) -> None:
    found = touch_imports.upload(name="touches.csv", content=GOOD.encode(), at=NOON)
    TouchImport.objects.filter(pk=found.pk).update(state="checking", attempts=3)
    with django_capture_on_commit_callbacks() as sent:
        assert touch_imports.resume(now=LATER) == 1
        assert touch_imports.resume(now=LATER + days(1)) == 0
    found.refresh_from_db()
    assert (sent, found.state) == ([], "failed")
    assert found.last_error.startswith("Its worker was lost several times.")
    with django_capture_on_commit_callbacks(execute=True):
        touch_imports.again(import_id=found.pk, at=LATER)
    found.refresh_from_db()
    assert (found.state, found.attempts, found.last_error, found.rows_new) == ("checked", 0, "", 3)


@pytest.mark.parametrize("state", ["checked", "refused", "done"])
def test_a_file_that_waits_for_no_worker_is_left_alone(state: str) -> None:
    found = touch_imports.upload(name="touches.csv", content=GOOD.encode(), at=NOON)
    TouchImport.objects.filter(pk=found.pk).update(state=state)
    assert touch_imports.resume(now=NOON + days(30)) == 0
    with pytest.raises(touch_imports.ImportNotAllowed, match="nothing left to do"):
        touch_imports.again(import_id=found.pk, at=LATER)


def test_a_failure_while_adding_waits_for_a_person() -> None:
    found = touch_imports.upload(name="touches.csv", content=GOOD.encode(), at=NOON)
    TouchImport.objects.filter(pk=found.pk).update(state="adding", last_error="OperationalError: disk full")
    assert touch_imports.resume(now=NOON + days(30)) == 0
