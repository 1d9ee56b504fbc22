"""Runs the rows of docs/algorithms/visibility.md."""

from shop.segments.engine.visibility import LEVELS, Spoken, pack, resolve
from tests.docs.markdown_tables import Row

PRODUCT = 7
SAID = {
    "show": Spoken(shown=pack([PRODUCT]), shown_categories=pack([PRODUCT])),
    "hide": Spoken(hidden=pack([PRODUCT]), hidden_categories=pack([PRODUCT])),
}
SAID["both"] = SAID["show"] | SAID["hide"]


def visibility(row: Row) -> None:
    hidden = resolve({level: SAID[row[level]] for level in LEVELS if row[level]})
    is_seen = {"yes": True, "no": False}[row["seen"]]
    assert hidden.has_product(PRODUCT) is not is_seen
    assert hidden.has_category(PRODUCT) is not is_seen
    assert not hidden.has_product(PRODUCT - 1)


ROW_CHECKS = {"visibility": visibility}
