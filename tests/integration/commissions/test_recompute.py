"""A statement's export, and the script that partners recompute it with."""

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from channels.commissions.engine import recompute
from channels.commissions.models import Statement
from channels.commissions.selectors.statement_export import export
from channels.commissions.services import schedule
from channels.core.money import divide_half_up
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
NOON = make.NOON
SCRIPT = Path(recompute.__file__)


def days(number: float) -> timedelta:
    return timedelta(days=number)


@pytest.fixture
def document() -> dict[str, Any]:
    """Two orders shared with another partner, one of them refunded in part, twice; both stated in April 2026."""
    sor, nord = make.partner("sor", name="Sør Kanarifugl"), make.partner("nord")
    money.programme(total_cap_bp=1_700)
    for number in ("ORD-A", "ORD-B"):
        order = money.credited(
            number, (nord, "resale", 6_000), (sor, "resale", 4_000), (nord, "influence", 10_000),
            lines=(make.line(f"{number}/1", 99_99), make.line(f"{number}/2", 3_33)),
        )  # fmt: skip
        money.paid(order, NOON + days(1))
        if number == "ORD-B":
            money.refunded(order, NOON + days(10), (f"{number}/1", 0, 33_33))
            money.refunded(order, NOON + days(11), (f"{number}/1", 0, 1))
    schedule.run_due(now=NOON + days(40))
    money.refunded(order, NOON + days(45), ("ORD-B/1", 0, 33_33))
    schedule.run_due(now=NOON + days(65))
    return dict(json.loads(json.dumps(export(Statement.objects.get(partner=nord)))))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path


def tampered(document: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    value = holder[path[-1]]
    holder[path[-1]] = (
        (not value) if isinstance(value, bool) else value + 100 if isinstance(value, int) else f"{value}x"
    )
    return changed


def resealed(document: dict[str, Any]) -> dict[str, Any]:
    """Whoever changes a file can compute its checksums anew; what the numbers say they cannot."""
    for name in recompute.SHAPE:
        rows = document[name] if isinstance(document[name], list) else [document[name]]
        for row in rows:
            row["checksum"] = recompute.checksum(row)
    document["checksum"] = recompute.overall(document)
    return document


def test_the_export_agrees_with_itself(document: dict[str, Any]) -> None:
    assert recompute.differences(recompute.shaped(document)) == []
    assert [len(document[name]) for name in recompute.LISTS] == [10, 14, 20]
    statement = document["statement"]
    assert (statement["movement_minor"], statement["payable_minor"]) == (15_40, 15_40)


@pytest.mark.slow
def test_each_changed_field_is_named(document: dict[str, Any]) -> None:
    """Every leaf of the file, one at a time: its row is named."""
    paths = [path for path in leaves(document) if path[0] not in ("format", "version", "checksum")]
    assert len(paths) > 500
    for path in paths:
        place = path[0] if document[path[0]].__class__ is dict else f"{path[0]}[{path[1]}]"
        found = recompute.differences(tampered(document, path))
        assert any(sentence.startswith(f"{place}: was changed") for sentence in found), (path, found)


CHANGES: tuple[tuple[tuple[Any, ...], str], ...] = (
    (("statement", "previous_closing_minor"), "statement.opening_minor: says 0, but it is 100"),
    (("statement", "opening_minor"), "statement.closing_minor: says 1540, but it is 1640"),
    (("statement", "movement_minor"), "statement.movement_minor: says 1640, but it is 1540"),
    (("statement", "closing_minor"), "statement.closing_minor: says 1640, but it is 1540"),
    (("statement", "payable_minor"), "statement.payable_minor: says 1640, but it is 1540"),
    (("statement", "asked_before_minor"), "statement.payable_minor: says 1540, but it is 1440"),
    (("statement", "paid_in"), "statement.payable_minor: says 1540, but it is 0"),
    (("statement", "carried_minor"), "statement.carried_minor: says 100, but it is 0"),
    (("statement", "chain_head"), "is not the head of the chain that the statement prints"),
    (("movements", 1, "amount_minor"), "movements[1]: says 1000, but the ledger says 900"),
    (("movements", 0, "posting"), "movements[0]: its posting"),
    (("movements", 0, "kind"), "movements[0]: its kind or day is not that of posting"),
    (("accruals", 1, "amount_minor"), "accruals[1] (ORD-A/1, RESALE): says 1000, but the ledger says 900"),
    (("accruals", 1, "target", "base_minor"), "its base 6099 is not 6000 of 10000 of 9999"),
    (("accruals", 1, "target", "rate_bp"), "5999 x 1600 of 10000 is 960, not 900"),
    (("accruals", 1, "target", "uncapped_minor"), "5999 x 1500 of 10000 is 900, not 1000"),
    (("accruals", 1, "target", "amount_minor"), "its target says 1000, but the limits leave 900"),
    (("postings", 0, "facts", "memo"), "postings[0]: its hash does not fit what it says"),
    (("postings", 0, "entries", 0, 2), "postings[0]: its entries do not sum to zero"),
    (("postings", 0, "entries", 0, 1), "postings[0]: has an entry of somebody else"),
    (("postings", 0, "previous_hash"), "postings[0]: its hash does not fit what it says"),
    (("postings", 1, "sequence"), "postings[1]: its sequence is"),
)


def test_checksums_made_anew_do_not_help(document: dict[str, Any]) -> None:
    for path, sentence in CHANGES:
        found = recompute.differences(resealed(tampered(document, path)))
        assert any(sentence in one for one in found), (path, found)
        assert not any("after the export" in one for one in found), path


@pytest.mark.parametrize("name", recompute.LISTS)
def test_a_row_taken_away_is_noticed(document: dict[str, Any], name: str) -> None:
    document[name].pop()
    assert "the file: a row was changed, added or taken away after the export" in recompute.differences(document)
    assert recompute.differences(resealed(document)) != []


def test_it_holds_nothing_of_another_partner(document: dict[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False)
    assert "sor" not in text.lower().replace("sensor", "")
    assert "Kanarifugl" not in text
    assert {entry[1] for row in document["postings"] for entry in row["entries"]} == {
        document["parties"]["partner_key"]
    }


def test_the_script_runs_by_itself(document: dict[str, Any], tmp_path: Path) -> None:
    """Plain Python, isolated from this project and its packages."""
    file = tmp_path / "statement.json"

    def run(text: str) -> tuple[int, str]:
        file.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, "-I", "-S", SCRIPT, file], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    assert run(json.dumps(document)) == (0, "ST-2026-04-EUR-NORD: 10 movements recomputed; everything agrees\n")
    code, text = run(json.dumps(tampered(document, ("movements", 3, "amount_minor"))))
    assert (code, text.splitlines()[0]) == (1, "movements[3]: was changed after the export")
    assert run("{")[0] == 2
    assert run('{"format": "accord-statement", "version": 9}') == (
        2, "unreadable: is of version 9; this script reads version 1\n",
    )  # fmt: skip
    file.unlink()
    assert recompute.main([str(file)]) == 2
    assert recompute.main([]) == 2


def test_the_command_is_the_script(document: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "statement.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    call_command("recompute_statement", str(file))
    file.write_text(json.dumps(tampered(document, ("statement", "closing_minor"))), encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        call_command("recompute_statement", str(file))
    assert stopped.value.code == 1


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("movements", {}, "movements is missing"),
        ("statement", [], "statement is missing"),
        ("accruals", [3], r"accruals\[0\] is not an object"),
        ("checksum", None, "checksum is missing"),
    ],
)
def test_a_file_of_another_shape_is_unreadable(document: dict[str, Any], name: str, value: Any, sentence: str) -> None:
    document[name] = value
    with pytest.raises(recompute.Unreadable, match=sentence):
        recompute.shaped(document)


def test_a_wrong_kind_of_value_is_unreadable(document: dict[str, Any]) -> None:
    document["movements"][0]["amount_minor"] = "1"
    with pytest.raises(recompute.Unreadable, match=r"movements\[0\]\.amount_minor must be int, not '1'"):
        recompute.shaped(document)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_it_rounds_as_the_store_does(numerator: int, denominator: int) -> None:
    assert recompute.half_up(numerator, denominator) == divide_half_up(numerator, denominator)


@pytest.mark.parametrize("orders", [1, 3])
def test_the_export_takes_as_many_queries_for_one_as_for_three(orders: int, django_assert_num_queries: Any) -> None:
    nord = make.partner("nord")
    money.programme()
    for number in range(orders):
        money.paid(money.credited(f"ORD-{number}", (nord, "resale", 10_000)))
    schedule.run_due(now=NOON + days(65))
    statement = Statement.objects.select_related("partner").get()
    with django_assert_num_queries(9):
        assert len(export(statement)["movements"]) == orders
