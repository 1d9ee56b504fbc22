"""Reads the tables of a Markdown page which are marked `<!-- executed: NAME -->`."""

import re
from dataclasses import dataclass
from pathlib import Path

ALGORITHMS = Path(__file__).resolve().parents[2] / "docs" / "algorithms"
MARK = re.compile(r"<!-- executed: (\w+) -->")
RULER = re.compile(r"\|[\s:|-]+\|")

Row = dict[str, str]


@dataclass(frozen=True)
class Table:
    page: str
    name: str
    rows: tuple[Row, ...]


def read_page(path: Path) -> tuple[list[Table], int]:
    """The marked tables of a page, and how many tables it has in all."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rulers = [number for number, line in enumerate(lines) if RULER.fullmatch(line)]
    tables = []
    for ruler in rulers:
        mark = MARK.fullmatch(lines[ruler - 3]) if ruler >= 3 else None
        if mark:
            tables.append(Table(path.name, mark[1], tuple(_rows(lines, ruler))))
    return tables, len(rulers)


def _rows(lines: list[str], ruler: int) -> list[Row]:
    header = _cells(lines[ruler - 1])
    rows = []
    for line in lines[ruler + 1 :]:
        if not line.startswith("|"):
            break
        rows.append(dict(zip(header, _cells(line), strict=True)))
    return rows


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def pages() -> list[Path]:
    return sorted(ALGORITHMS.glob("*.md"))


def all_tables() -> list[Table]:
    return [table for page in pages() for table in read_page(page)[0]]


def numbers(text: str, separator: str = ",") -> list[int]:
    return [int(part) for part in text.split(separator) if part.strip()]
