"""Executes every table of docs/algorithms/: the page is the test's data, not a copy of it."""

from pathlib import Path

import pytest

from tests.docs import (
    attribution_tables,
    commission_tables,
    commitment_tables,
    dispute_tables,
    harmony_tables,
    price_tables,
    programme_tables,
    renewal_tables,
    rounding_tables,
    shipping_tables,
    statement_tables,
    tax_tables,
    visibility_tables,
)
from tests.docs.markdown_tables import Row, Table, all_tables, pages, read_page

ROW_CHECKS = (
    attribution_tables.ROW_CHECKS
    | commission_tables.ROW_CHECKS
    | commitment_tables.ROW_CHECKS
    | dispute_tables.ROW_CHECKS
    | harmony_tables.ROW_CHECKS
    | price_tables.ROW_CHECKS
    | programme_tables.ROW_CHECKS
    | renewal_tables.ROW_CHECKS
    | rounding_tables.ROW_CHECKS
    | shipping_tables.ROW_CHECKS
    | statement_tables.ROW_CHECKS
    | tax_tables.ROW_CHECKS
    | visibility_tables.ROW_CHECKS
)
TABLE_CHECKS = commission_tables.TABLE_CHECKS | programme_tables.TABLE_CHECKS


def rows() -> list[object]:
    return [
        pytest.param(table.name, row, id=f"{table.page}:{table.name}:{number}")
        for table in all_tables()
        if table.name not in TABLE_CHECKS
        for number, row in enumerate(table.rows, start=1)
    ]


def whole_tables() -> list[object]:
    return [pytest.param(table, id=table.name) for table in all_tables() if table.name in TABLE_CHECKS]


@pytest.mark.parametrize(("name", "row"), rows())
def test_row_holds(name: str, row: Row) -> None:
    ROW_CHECKS[name](row)


@pytest.mark.parametrize("table", whole_tables())
def test_table_holds(table: Table) -> None:
    TABLE_CHECKS[table.name](table.rows)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_page_has_no_table_that_is_not_executed(page: Path) -> None:
    tables, count = read_page(page)
    assert len(tables) == count
    assert all(table.rows for table in tables)


def test_every_check_has_its_table() -> None:
    assert sorted(table.name for table in all_tables()) == sorted([*ROW_CHECKS, *TABLE_CHECKS])
