"""manage.py attribute: files in, credits out, a sentence for every row that is of no use."""

import io
import json
import sys
import tracemalloc
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from channels.journeys.engine.timed import ALL_MODELS
from channels.journeys.services import journey_files
from tests.harness.real_data import real_file

THREE = "path;total_conversions;total_conversion_value;total_null\n"
THREE += "direct;2;10.5;1\nsearch > email;3;9;2\nsearch > social > email;5;20;4\n"
TOUCHES = "journey_id,at,touch,converted,value\n"
TOUCHES += "j1,2026-03-01T10:00:00+00:00,search,0,\nj2,2026-03-01,direct,1,5\nj1,2026-03-08T10:00:00Z,email,1,30.25\n"
TOUCHES += "j3,2026-03-02,search,0,\nj1,2026-03-09,direct,0,\n"


@pytest.fixture
def attribute(tmp_path):
    def run(text, model, *options, encoding="utf-8"):
        path = tmp_path / "journeys.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        out, err = io.StringIO(), io.StringIO()
        call_command("attribute", f"--model={model}", f"--input={path}", *options, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue().splitlines()

    return run


@pytest.fixture
def credited(attribute):
    def run(text, model, *options):
        out, said = attribute(text, model, "--format=json", *options)
        assert said == []
        return json.loads(out, parse_float=Decimal, parse_int=Decimal)

    return run


def numbers(**credits):
    return {name: Decimal(credit) for name, credit in credits.items()}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", numbers(direct="2", search="8", email="0", social="0")),
        ("last", numbers(direct="2", search="0", email="8", social="0")),
        ("last-non-direct", numbers(direct="2", search="0", email="8", social="0")),
        ("linear", numbers(direct="2", search="3.166666667", email="3.166666667", social="1.666666666")),
        ("linear-distinct", numbers(direct="2", search="3.166666667", email="3.166666667", social="1.666666666")),
        ("position", numbers(direct="2", search="3.5", email="3.5", social="1")),
        ("w-shape", numbers(direct="2", search="3.5", email="3.5", social="1")),
        ("markov", numbers(direct="0.864197531", search="3.456790123", email="3.456790124", social="2.222222222")),
        ("shapley", numbers(direct="2", search="3.166666667", email="3.166666667", social="1.666666666")),
    ],
)
def test_path_file(attribute, model, expected):
    out, said = attribute(THREE, model, "--format=json")
    found = json.loads(out, parse_float=Decimal, parse_int=Decimal)
    assert found == expected
    assert list(found) == sorted(found)
    assert sum(found.values()) == 10
    shape = "No journey has touches of the kinds lead_created and deal_created: w-shape shares as position does."
    assert said == ([shape] if model == "w-shape" else [])


def test_value_is_shared_and_sums_exactly(credited):
    found = credited(THREE.replace("10.5", "10.123456789012"), "linear", "--value")
    assert found["direct"] == Decimal("10.123456789012")
    assert sum(found.values()) == Decimal("39.123456789012")
    found = credited(THREE, "markov", "--value", "--decimals=2")
    assert found == numbers(direct="3.41", search="13.65", email="13.66", social="8.78")


def test_position_takes_its_ends(credited):
    expected = numbers(direct="2", search="3.35", email="4.15", social="0.5")
    for weights in ("0.4,0.5", "40,50"):
        assert credited(THREE, "position", f"--weights={weights}") == expected


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_is_sniffed(credited, separator):
    assert credited(THREE.replace(";", separator), "first")["search"] == 8


def test_quotes_byte_order_marks_and_spaces_are_read(attribute):
    text = '\ufeffPath,Total conversions\r\n"search, paid>Épost",3\r\n\r\n  a  >b ,2.0\r\n'
    out, said = attribute(text, "last", "--format=json")
    assert (json.loads(out), said) == ({"a": 0, "b": 2, "search, paid": 0, "Épost": 3}, [])


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", numbers(direct="1", search="1", email="0")),
        ("last", numbers(direct="1", search="0", email="1")),
        ("linear", numbers(direct="1", search="0.5", email="0.5")),
        ("time-decay", numbers(direct="1", search="0.333333333", email="0.666666667")),
        ("markov", numbers(direct="0.666666667", email="0.666666667", search="0.666666666")),
    ],
)
def test_touch_file_in_any_order(credited, model, expected):
    """What came after the conversion did not lead to it; j3 did not convert."""
    found = credited(TOUCHES, model)
    assert found == expected
    lines = TOUCHES.splitlines()
    assert credited("\n".join([lines[0], *reversed(lines[1:])]), model) == found


def test_half_life_and_value_of_touches(credited):
    found = credited(TOUCHES, "time-decay", "--half-life=3.5", "--value")
    assert found == numbers(direct="5", search="6.05", email="24.2")


def test_roles_and_kinds_have_their_columns(credited):
    text = "journey_id|at|touch|converted|role|kind\n"
    text += "1|2026-01-01|A|0|sourcer|visit\n1|2026-01-02|B|0|influencer|Lead created\n"
    text += "1|2026-01-03|C|0|implementer|visit\n1|2026-01-04|D|1|closer|deal-created\n"
    assert credited(text, "role") == numbers(A="0.4", B="0.2", C="0.2", D="0.2")
    assert credited(text, "w-shape") == numbers(A="0.3", B="0.3", C="0.1", D="0.3")


def test_names_stand_for_roles_and_milestones_in_a_path(credited, attribute):
    paths = "path,total_conversions\nsourcer > influencer > implementer > closer,100\n"
    assert credited(paths, "role") == numbers(sourcer="40", influencer="20", implementer="20", closer="20")
    assert credited("path,total_conversions\nad > lead created > deal created,9\n", "w-shape")["ad"] == 3
    with pytest.raises(CommandError, match="No touch has a paid role"):
        attribute(THREE, "role")


def test_direct_has_the_name_that_is_given(credited):
    paths = "path,total_conversions\nA > B > web,3\nweb,2\n"
    assert credited(paths, "last-non-direct") == numbers(A="0", B="0", web="5")
    assert credited(paths, "last-non-direct", "--direct=web") == numbers(A="0", B="3", web="2")


def test_bad_rows_are_named_and_the_rest_is_kept(attribute):
    text = THREE + 'a;x;1;0\n> b;4;1;0\n;2;1;0\nonly\na;-1;0;0\na;2.5;0;0\na;nan;0;0\nc;1;1;1e999\n"c";1;;\n'
    out, said = attribute(text, "first", "--format=json")
    assert json.loads(out) == {"c": 1, "direct": 2, "email": 0, "search": 8, "social": 0}
    assert said == [
        "row 5, total_conversions: 'x' is not a number; write digits, with a point before decimals",
        "row 6, path: has an empty touch between two >, so nobody can be credited; name every touch",
        "row 7, path: is empty, so nobody can be credited; name every touch",
        "row 8: has 1 cells where the header has 4; put a cell that contains ';' in double quotes",
        "row 9, total_conversions: '-1' is negative",
        "row 10, total_conversions: '2.5' is not a whole number; write digits such as 3, or 0",
        "row 11, total_conversions: 'nan' is not a number; write digits, with a point before decimals",
        "row 12, total_null: '1e999' is too large",
        "8 of 12 rows could not be used.",
        "6 conversions could not be attributed to any channel.",
    ]


def test_bad_touches_are_named(attribute):
    text = TOUCHES + "j4,yesterday,a,1,1\n,2026-01-01,a,1,1\nj4,2026-01-01,,1,1\nj4,2026-01-01,a,maybe,1\n"
    text += "j5,2026-01-01,a,1,\nj6,2026-01-01,a,1,1\nj6,2026-01-02,a,1,2\n"
    out, said = attribute(text, "last", "--format=json", "--value")
    assert json.loads(out) == {"direct": 5, "email": 30.25, "search": 0}
    assert sorted(said, key=lambda line: (line[0] != "r", len(line.split(",")[0]), line)) == [
        "row 7, at: 'yesterday' is not a time; write it as 2026-03-01 or 2026-03-01T12:30:00+00:00",
        "row 8, journey_id: is empty; every row names its journey and its touch",
        "row 9, touch: is empty; every row names its journey and its touch",
        "row 10, converted: 'maybe' is neither 1 nor 0",
        "row 11, value: journey 'j5' converted without a value; write 0 when it brought nothing",
        "row 13, value: journey 'j6' has two values; write one, or the same on each of its rows",
        "6 of 12 rows could not be used.",
    ]


def test_row_that_is_not_utf8_is_named(attribute):
    out, said = attribute(THREE.encode() + "caf\xe9;1;1;1\n".encode("latin-1"), "first", "--format=json")
    assert json.loads(out)["search"] == 8
    assert said[0] == "row 5: is not text in UTF-8; save the file as CSV in UTF-8"


@pytest.mark.parametrize(
    ("text", "model", "options", "sentence"),
    [
        ("", "first", [], "The file is empty."),
        ("\n\n", "first", [], "The file is empty."),
        ("a;b\n1;2\n", "first", [], "The first row must name the columns, and path, total_conversions is not among"),
        ("path;total_null\na;1\n", "first", [], "and total_conversions is not among them"),
        ("path;total_conversions\na;1\n", "first", ["--value"], "and total_conversion_value is not among them"),
        ("path;path;total_conversions\na;b;1\n", "first", [], "names path twice"),
        (THREE, "time-decay", [], "Time decay needs the time of each touch"),
        (THREE.encode("utf-16"), "first", [], "not text in UTF-8"),
        ("path;total_conversions\n;1\n", "first", [], "No row of the file could be used."),
    ],
)
def test_useless_file_is_an_error(attribute, text, model, options, sentence):
    with pytest.raises(CommandError, match=sentence) as raised:
        attribute(text, model, *options)
    assert raised.value.returncode == 1


def test_missing_file_is_an_error(tmp_path):
    with pytest.raises(CommandError, match=r"Cannot read .*: No such file or directory"):
        call_command("attribute", "--model=first", f"--input={tmp_path / 'absent.csv'}")


@pytest.mark.parametrize(
    "option", ["--half-life=0", "--half-life=soon", "--weights=1", "--weights=60,50", "--weights=a,b"]
)
def test_senseless_options_are_refused(attribute, option):
    with pytest.raises(CommandError, match="argument"):
        attribute(THREE, "position", option)


def test_file_without_a_conversion_credits_nothing(credited):
    assert credited("path,total_conversions,total_null\na > b,0,3\n", "markov") == numbers(a="0", b="0")
    assert credited("path,total_conversions\n", "first") == {}


def test_table_shows_the_largest_first(attribute):
    out, _ = attribute(THREE, "first")
    assert out.splitlines() == [
        "channel  credit    share",
        "search        8   80.00%",
        "direct        2   20.00%",
        "email         0    0.00%",
        "social        0    0.00%",
        "total        10  100.00%",
    ]


def test_standard_input(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(THREE.encode())))
    call_command("attribute", "--model=first", "--input=-", "--format=json")
    assert json.loads(capsys.readouterr().out) == {"direct": 2, "email": 0, "search": 8, "social": 0}


def test_touches_go_to_disk_when_there_are_many(credited, monkeypatch):
    text = TOUCHES.splitlines()[0] + "\n"
    for number in range(300):
        text += f"j{number % 100},2026-01-{number % 28 + 1:02},c{number % 7},1,1\n"
    in_hand = {model: credited(text, model) for model in ALL_MODELS if model not in ("role", "w-shape")}
    monkeypatch.setattr(journey_files, "ROWS_IN_HAND", 2)
    for model, found in in_hand.items():
        assert credited(text, model) == found
        assert sum(found.values()) == 100


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path, monkeypatch):
    """Ten times the journeys need no more than the channels do."""

    def peak(journeys):
        path = tmp_path / f"{journeys}.csv"
        with path.open("w") as file:
            file.write("path,total_conversions,total_null\n")
            file.writelines(f"c{n % 50} > c{n * 7 % 50} > c{n * 3 % 50},{n % 3},1\n" for n in range(journeys))
        tracemalloc.start()
        call_command("attribute", "--model=markov", f"--input={path}", stdout=io.StringIO())
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    monkeypatch.setattr(journey_files, "BATCH", 1_000)
    assert peak(20_000) < peak(2_000) * 1.5


@pytest.mark.real_data("attribution-paths.csv")
def test_real_paths():
    out = io.StringIO()
    path = real_file("attribution-paths.csv")
    call_command("attribute", "--model=first", f"--input={path}", "--format=json", stdout=out)
    found = json.loads(out.getvalue())
    assert found["eta"] == 3164
    assert found["iota"] == 4606
    assert found["alpha"] == 6308
    assert found["beta"] == 2831
    assert sum(found.values()) == 19_785


@pytest.mark.slow
@pytest.mark.real_data("attribution-paths.csv")
@pytest.mark.parametrize("model", [name for name in ALL_MODELS if name not in ("time-decay", "role")])
def test_every_model_shares_the_real_conversions_exactly(model):
    for options, total in (([], "19785"), (["--value"], None)):
        out = io.StringIO()
        path = real_file("attribution-paths.csv")
        call_command(
            "attribute",
            f"--model={model}",
            f"--input={path}",
            "--format=json",
            *options,
            stdout=out,
            stderr=io.StringIO(),
        )
        found = json.loads(out.getvalue(), parse_float=Decimal, parse_int=Decimal)
        assert len(found) == 12
        with path.open() as file:
            values = [Decimal(line.split(";")[2]) for line in list(file)[1:]]
        assert sum(found.values()) == (Decimal(total) if total else sum(values))
