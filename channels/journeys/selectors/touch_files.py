"""A file of touchpoints against what is known: partners and companies looked up in bulk, rows seen before set aside."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels.journeys.engine.touch_file import Problem, TouchRow, open_text, rows, stored_key
from channels.journeys.models import CompanyProfile, Touchpoint
from channels.partners.models import ChannelPartner

# How many rows are checked between two notes of the progress.
STEP = 5_000
CHUNK = 500


@dataclass(slots=True)
class Examined:
    """What a file holds: rows to add, rows that are there already, and what is wrong with the others."""

    encoding: str = ""
    separator: str = ""
    rows_total: int = 0
    rows_known: int = 0
    new: list[TouchRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    partners: dict[str, int] = field(default_factory=dict)
    companies: dict[str, int] = field(default_factory=dict)

    def touchpoints(self, import_id: int, recorded_by_id: int | None) -> Iterator[Touchpoint]:
        for row in self.new:
            yield Touchpoint(
                key=stored_key(row),
                partner_id=self.partners.get(row.partner),
                kind=row.kind.value,
                medium=row.medium.value,
                campaign=row.campaign,
                at=row.at,
                company_id=self.companies[row.company],
                recorded_by_id=recorded_by_id,
                note=row.note,
                evidence={"import": str(import_id), "row": str(row.row)},
                cost_minor=row.cost_minor,
                cost_currency=row.currency,
            )


def examine(content: bytes, *, now: datetime, progress: Callable[[int], object]) -> Examined:
    """Read and check a whole file. Raises UnreadableFile when it is none."""
    opened = open_text(content)
    found = Examined(encoding=opened.encoding, separator=opened.separator)
    understood: list[TouchRow] = []
    for row in rows(opened, now=now):
        found.rows_total += 1
        if isinstance(row, TouchRow):
            understood.append(row)
        else:
            found.problems += row
        if found.rows_total % STEP == 0:
            progress(found.rows_total)
    _look_up(found, understood)
    _set_known_aside(found, understood)
    found.problems.sort(key=lambda problem: problem.row)
    return found


def _look_up(found: Examined, understood: list[TouchRow]) -> None:
    codes = {row.partner for row in understood if row.partner}
    for chunk in _chunks(codes):
        found.partners |= dict(ChannelPartner.objects.filter(code__in=chunk).values_list("code", "pk"))
    found.companies, ambiguous = _companies({row.company for row in understood})
    for row in understood:
        if row.partner and row.partner not in found.partners:
            found.problems.append(Problem(row.row, "partner", row.partner, "unknown_partner"))
        if row.company not in found.companies:
            code = "ambiguous_company" if row.company in ambiguous else "unknown_company"
            found.problems.append(Problem(row.row, "company", row.company[:80], code))


def _companies(names: set[str]) -> tuple[dict[str, int], set[str]]:
    """Return the companies by their key, else by a VAT id or e-mail domain that is one company's alone."""
    by_name: dict[str, int] = {}
    ambiguous: set[str] = set()
    for column in ("key", "vat_id", "email_domain"):
        open_names = names - set(by_name)
        wanted = {name.lower(): name for name in open_names} if column == "email_domain" else {n: n for n in open_names}
        hits: list[tuple[str, int]] = []
        for chunk in _chunks(wanted):
            hits += CompanyProfile.objects.filter(**{f"{column}__in": chunk}).values_list(column, "pk")
        times = Counter(value for value, _pk in hits)
        ambiguous |= {wanted[value] for value, count in times.items() if count > 1}
        by_name |= {wanted[value]: pk for value, pk in hits if times[value] == 1}
    return by_name, ambiguous


def _set_known_aside(found: Examined, understood: list[TouchRow]) -> None:
    """Rows twice in the file are a mistake; rows that are there already are not, unless they say something else."""
    first: dict[str, TouchRow] = {}
    for row in understood:
        earlier = first.setdefault(stored_key(row), row)
        if earlier is not row:
            found.problems.append(Problem(row.row, "key", row.key, "twice", str(earlier.row)))
    stored: dict[str, tuple[Any, ...]] = {}
    for chunk in _chunks(first):
        known = Touchpoint.objects.filter(key__in=chunk)
        columns = ("at", "kind", "medium", "partner_id", "company_id", "campaign", "cost_minor", "note")
        stored |= {key: values for key, *values in known.values_list("key", *columns)}
    for key, row in first.items():
        if key not in stored:
            found.new.append(row)
        elif list(stored[key]) == _said(found, row):
            found.rows_known += 1
        else:
            found.problems.append(Problem(row.row, "key", row.key, "key_taken"))


def _said(found: Examined, row: TouchRow) -> list[Any]:
    partner, company = found.partners.get(row.partner), found.companies.get(row.company)
    return [row.at, row.kind.value, row.medium.value, partner, company, row.campaign, row.cost_minor, row.note]


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
