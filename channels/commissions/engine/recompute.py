"""Recomputes a statement from its JSON export, offline, and says line by line where it differs.

    python recompute_statement.py ST-2026-04-EUR-FJORDTEK.json

Exit code 0: everything agrees; 1: something differs, and each difference is printed; 2: the file cannot be read.

Partners download this file and run it by itself, so it imports nothing but the standard library, and states the
rounding and the hash once more on purpose: a test holds both equal to the store's own.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FORMAT = "accord-statement"
VERSION = 1
BASIS = 10_000
STATED = ("Liability:Payable", "Asset:Clawback")
INT, TEXT, ROW, ROWS = int, str, dict, list

Row = Mapping[str, Any]

SHAPE: dict[str, dict[str, type]] = {
    "statement": {
        "number": TEXT, "currency": TEXT, "period_start": TEXT, "period_end": TEXT, "closed_at": TEXT,
        "previous_closing_minor": INT, "opening_minor": INT, "movement_minor": INT, "closing_minor": INT,
        "asked_before_minor": INT, "minimum_payable_minor": INT, "payable_minor": INT, "carried_minor": INT,
        "paid_in": TEXT, "chain_sequence": INT, "chain_head": TEXT, "checksum": TEXT,
    },
    "parties": {"partner": ROW, "partner_key": TEXT, "issuer": ROW, "tax": ROW, "checksum": TEXT},
    "movements": {
        "posting": INT, "position": INT, "kind": TEXT, "booked_at": TEXT, "amount_minor": INT, "checksum": TEXT,
    },
    "accruals": {
        "key": TEXT, "order": TEXT, "line": TEXT, "type": TEXT, "rule": TEXT, "programme": TEXT, "cause": TEXT,
        "reverses": TEXT, "posting": INT, "base_minor": INT, "rate_bp": INT, "amount_minor": INT, "target": ROW,
        "checksum": TEXT,
    },
    "postings": {
        "sequence": INT, "key": TEXT, "kind": TEXT, "facts": ROW, "entries": ROWS, "previous_hash": TEXT, "hash": TEXT,
        "checksum": TEXT,
    },
}  # fmt: skip
LISTS = ("movements", "accruals", "postings")
TARGET: dict[str, type] = {
    "kind": TEXT, "base_minor": INT, "rate_bp": INT, "uncapped_minor": INT, "amount_minor": INT,
    "line_base_minor": INT, "share_bp": INT, "cuts": ROWS,
}  # fmt: skip


class Unreadable(ValueError):
    """The file is no statement that this script knows; the text says why."""


def read(path: str) -> dict[str, Any]:
    """Return the checked document of a file."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise Unreadable(f"{path}: is not JSON ({error})") from error
    return shaped(document)


def shaped(document: Any) -> dict[str, Any]:
    """Return the document when each part of it is there and of its kind."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise Unreadable(f'is not a statement: "format" must be "{FORMAT}"')
    if document.get("version") != VERSION:
        raise Unreadable(f"is of version {document.get('version')!r}; this script reads version {VERSION}")
    if not isinstance(document.get("checksum"), str):
        raise Unreadable("checksum is missing")
    for name, fields in SHAPE.items():
        rows = document.get(name)
        if not isinstance(rows, list if name in LISTS else dict):
            raise Unreadable(f"{name} is missing")
        for where, row in _named(name, rows):
            _shape(where, row, fields)
    _inner_shapes(document)
    return document


def differences(document: Row) -> list[str]:
    """Return one sentence per difference, each with its place in the file; none when the statement is right."""
    found: list[str] = []
    for check in (_checksums, _chain, _movements, _sums, _accruals, _releases):
        found.extend(check(document))
    return found


def half_up(numerator: int, denominator: int) -> int:
    """Round to the nearest whole number; halves go away from zero."""
    if numerator < 0:
        return -half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def checksum(row: Row) -> str:
    """Return the checksum of a row: SHA-256 of its JSON with sorted keys, without its own checksum."""
    rest = {key: value for key, value in row.items() if key != "checksum"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def overall(document: Row) -> str:
    """Return the checksum of the file: over those of its rows, so that a missing row is noticed too."""
    rows = [row["checksum"] for name in SHAPE for _, row in _named(name, document[name])]
    return checksum({"format": document["format"], "version": document["version"], "rows": rows})


def posting_hash(row: Row) -> str:
    """Return the hash of a posting over its predecessor's, as the ledger computes it."""
    body = {"key": row["key"], "kind": row["kind"], "facts": row["facts"], "entries": row["entries"]}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{row['previous_hash']}\n{text}".encode()).hexdigest()


def _checksums(document: Row) -> Iterator[str]:
    for name in SHAPE:
        for where, row in _named(name, document[name]):
            if row["checksum"] != checksum(row):
                yield f"{where}: was changed after the export"
    if document["checksum"] != overall(document):
        yield "the file: a row was changed, added or taken away after the export"


def _chain(document: Row) -> Iterator[str]:
    """Each posting's hash covers what it says and the posting before it; the head of the chain is the statement's."""
    statement, owner = document["statement"], document["parties"]["partner_key"]
    before: Row | None = None
    for where, row in _named("postings", document["postings"]):
        if row["hash"] != posting_hash(row):
            yield f"{where}: its hash does not fit what it says"
        if str(row["facts"].get("sequence")) != str(row["sequence"]):
            yield f"{where}: its sequence is {row['sequence']}, its facts say {row['facts'].get('sequence')}"
        totals: dict[str, int] = {}
        for _, partner, amount, currency in row["entries"]:
            totals[currency] = totals.get(currency, 0) + amount
            if partner not in ("", owner):
                yield f"{where}: has an entry of somebody else"
        if any(totals.values()):
            yield f"{where}: its entries do not sum to zero"
        if before is not None and row["sequence"] <= before["sequence"]:
            yield f"{where}: is not in the order of the ledger"
        elif (
            before is not None and row["sequence"] == before["sequence"] + 1 and row["previous_hash"] != before["hash"]
        ):
            yield f"{where}: does not follow the posting before it"
        if row["sequence"] > statement["chain_sequence"]:
            yield f"{where}: was posted after the statement was closed"
        if row["sequence"] == statement["chain_sequence"] and row["hash"] != statement["chain_head"]:
            yield f"{where}: is not the head of the chain that the statement prints"
        before = row


def _movements(document: Row) -> Iterator[str]:
    """Each movement is an entry of its posting; each stated entry of the month is a movement once."""
    postings = {row["sequence"]: row for row in document["postings"]}
    currency, seen = document["statement"]["currency"], set()
    for where, row in _named("movements", document["movements"]):
        posting = postings.get(row["posting"])
        if posting is None or not 1 <= row["position"] <= len(posting["entries"]):
            yield f"{where}: its posting #{row['posting']} has no entry {row['position']} in this file"
            continue
        account, _, amount, entry_currency = posting["entries"][row["position"] - 1]
        if row["amount_minor"] != -amount:
            yield f"{where}: says {row['amount_minor']}, but the ledger says {-amount}"
        if account not in STATED or entry_currency != currency:
            yield f"{where}: {account} in {entry_currency} does not belong on this statement"
        if (row["kind"], row["booked_at"]) != (posting["kind"], posting["facts"].get("booked_at")):
            yield f"{where}: its kind or day is not that of posting #{row['posting']}"
        if (row["posting"], row["position"]) in seen:
            yield f"{where}: is here twice"
        seen.add((row["posting"], row["position"]))


def _sums(document: Row) -> Iterator[str]:
    """Opening plus movements is closing; what is asked for follows from it and from the smallest payment."""
    row = document["statement"]
    moved = sum(movement["amount_minor"] for movement in document["movements"])
    free = row["opening_minor"] - row["asked_before_minor"] + moved
    is_paid_here = row["paid_in"] == row["currency"]
    asks = free if is_paid_here and free > 0 and free >= row["minimum_payable_minor"] else 0
    expected = {
        "opening_minor": row["previous_closing_minor"],
        "movement_minor": moved,
        "closing_minor": row["opening_minor"] + moved,
        "payable_minor": asks,
        "carried_minor": row["opening_minor"] + moved - asks,
    }
    for name, amount in expected.items():
        if row[name] != amount:
            yield f"statement.{name}: says {row[name]}, but it is {amount}"


def _accruals(document: Row) -> Iterator[str]:
    """Each rating's target is base times rate, and what it posted is the target less what was posted before."""
    postings = {row["sequence"]: row for row in document["postings"]}
    posted: dict[tuple[str, str], int] = {}
    rated: dict[tuple[str, str, str], tuple[str, int]] = {}
    for where, row in _named("accruals", document["accruals"]):
        place = f"{where} ({row['line']}, {row['type']})"
        entries = postings.get(row["posting"], {"entries": []})["entries"]
        on_ledger = sum(entry[2] for entry in entries if entry[0] == f"Expense:Commission:{row['type']}")
        if row["amount_minor"] and on_ledger != row["amount_minor"]:
            yield f"{place}: says {row['amount_minor']}, but the ledger says {on_ledger}"
        if not row["reverses"] and not row["target"] and row["amount_minor"]:
            yield f"{place}: has no target"
        group = (row["line"], row["type"])
        posted[group] = posted.get(group, 0) + row["amount_minor"]
        yield from _target(place, row["target"])
        rated[(*group, row["cause"])] = (place, row["target"].get("amount_minor", 0) - posted[group])
    known = {row["posting"] for row in document["accruals"]}
    for where, row in _named("postings", document["postings"]):
        if row["kind"] in ("accrue", "reverse") and row["sequence"] not in known:
            yield f"{where}: its commission is not in this file"
    for place, rest in rated.values():
        if rest:
            yield f"{place}: its rating leaves {-rest} more posted than its target"


def _target(place: str, target: Row) -> Iterator[str]:
    if not target:
        return
    if target["share_bp"]:  # a split by largest remainder gives each part the exact share, rounded down or up
        exact = target["line_base_minor"] * target["share_bp"]
        if not exact // BASIS <= target["base_minor"] <= -(-exact // BASIS):
            share = f"{target['share_bp']} of {BASIS} of {target['line_base_minor']}"
            yield f"{place}: its base {target['base_minor']} is not {share}"
    if target["kind"] == "percent":
        amount = half_up(target["base_minor"] * target["rate_bp"], BASIS)
        if target["uncapped_minor"] != amount:
            rate = f"{target['base_minor']} x {target['rate_bp']} of {BASIS}"
            yield f"{place}: {rate} is {amount}, not {target['uncapped_minor']}"
    left = target["cuts"][-1]["after_minor"] if target["cuts"] else target["uncapped_minor"]
    if target["amount_minor"] != left:
        yield f"{place}: its target says {target['amount_minor']}, but the limits leave {left}"


def _releases(document: Row) -> Iterator[str]:
    """What became payable is the commission, less what was taken back of it before."""
    by_key = {row["key"]: row for row in document["accruals"]}
    taken_back: dict[str, list[Row]] = {}
    for row in document["accruals"]:
        taken_back.setdefault(row["reverses"], []).append(row)
    for where, row in _named("postings", document["postings"]):
        if row["kind"] != "release":
            continue
        accrual = by_key.get(row["key"][len("release:") :])
        if accrual is None:
            yield f"{where}: releases a commission that is not in this file"
            continue
        back = taken_back.get(accrual["key"], [])
        taken = sum(other["amount_minor"] for other in back if other["posting"] < row["sequence"])
        released = -sum(entry[2] for entry in row["entries"] if entry[0] == STATED[0])
        if released != accrual["amount_minor"] + taken:
            yield f"{where}: releases {released}, but {accrual['amount_minor'] + taken} was left"


def _named(name: str, rows: Any) -> Iterator[tuple[str, Any]]:
    """Yield each row with its place in the file."""
    if isinstance(rows, list):
        yield from ((f"{name}[{number}]", row) for number, row in enumerate(rows))
    else:
        yield name, rows


def _inner_shapes(document: Row) -> None:
    for number, row in enumerate(document["accruals"]):
        if row["target"]:
            _shape(f"accruals[{number}].target", row["target"], TARGET)
            for cut in row["target"]["cuts"]:
                _shape(f"accruals[{number}].target.cuts", cut, {"reason": TEXT, "after_minor": INT})
    for number, row in enumerate(document["postings"]):
        for entry in row["entries"]:
            if not (isinstance(entry, list) and [type(cell) for cell in entry] == [str, str, int, str]):
                raise Unreadable(f"postings[{number}].entries must hold [account, partner, amount, currency]")


def _shape(where: str, row: Any, fields: Mapping[str, type]) -> None:
    if not isinstance(row, dict):
        raise Unreadable(f"{where} is not an object")
    for name, kind in fields.items():
        if type(row.get(name)) is not kind:
            raise Unreadable(f"{where}.{name} must be {kind.__name__}, not {row.get(name)!r}")


def main(arguments: list[str]) -> int:
    """Print what differs and return the exit code."""
    if len(arguments) != 1:
        print("usage: recompute_statement.py FILE.json", file=sys.stderr)
        return 2
    try:
        document = read(arguments[0])
    except Unreadable as error:
        print(f"unreadable: {error}", file=sys.stderr)
        return 2
    found = differences(document)
    for sentence in found:
        print(sentence)
    statement, count = document["statement"], len(document["movements"])
    if not found:
        print(f"{statement['number']}: {count} movements recomputed; everything agrees")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
