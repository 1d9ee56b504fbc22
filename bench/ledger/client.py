"""python -m bench.ledger.client WAY NAME POSTINGS PARTNER NUMBER: get ready, wait for a line on standard input, write, report."""

import json
import sys
import time
from collections.abc import Callable

from bench.inside import which

which.shop()

from django.db import connection, transaction  # noqa: E402

from bench.ledger import rows  # noqa: E402
from channels.commissions.services import ledger  # noqa: E402

BATCH = 1_000
POSTINGS, ENTRIES = "bench_posting", "bench_entry"
Write = Callable[[], None]


def chunks(things: list, size: int) -> list[list]:
    return [things[start : start + size] for start in range(0, len(things), size)]


def by_ledger(name: str, count: int, partner: int, *, batch: int) -> Write:
    parts = chunks(list(rows.drafts(name, count, partner=partner)), batch)

    def write() -> None:
        for part in parts:
            ledger.post_many(part)

    return write


def by_sql(name: str, count: int, partner: int, number: int, *, batch: int, copies: bool) -> Write:
    postings, entries = rows.plain(name, count, partner=partner, first=1 + number * count)
    parts = list(zip(chunks(postings, batch), chunks(entries, 2 * batch), strict=True))
    put = copy if copies else insert

    def write() -> None:
        for some_postings, some_entries in parts:
            with transaction.atomic():
                put(POSTINGS, rows.POSTING_COLUMNS, some_postings)
                put(ENTRIES, rows.ENTRY_COLUMNS, some_entries)

    return write


def insert(table: str, columns: tuple[str, ...], values: list[tuple]) -> None:
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)


def copy(table: str, columns: tuple[str, ...], values: list[tuple]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as stream:
        for value in values:
            stream.write_row(value)


def main(way: str, name: str, count: int, partner: int, number: int) -> None:
    ways = {
        "ledger, batches": lambda: by_ledger(name, count, partner, batch=BATCH),
        "INSERT, batches": lambda: by_sql(name, count, partner, number, batch=BATCH, copies=False),
        "COPY, batches": lambda: by_sql(name, count, partner, number, batch=BATCH, copies=True),
        "ledger, one by one": lambda: by_ledger(name, count, partner, batch=1),
        "INSERT, one by one": lambda: by_sql(name, count, partner, number, batch=1, copies=False),
    }
    write = ways[way]()
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    started = time.time()
    write()
    print(json.dumps({"started": started, "ended": time.time(), "entries": 2 * count}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *(int(text) for text in sys.argv[3:6]))
