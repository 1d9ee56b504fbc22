"""What a file would do to a price list, without doing it: row by row added, changed, the same, or wrong."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from django.db.models.functions import Upper
from oscar.apps.partner.models import StockRecord

from channels import api
from channels.contracts import PriceCheck, PriceFinding, from_minor
from shop.pricing.desk.engine.price_file import PriceRow, Problem, price_rows
from shop.pricing.desk.engine.tables import open_table
from shop.pricing.guard import price_check
from shop.pricing.models import PriceEntry, PriceList
from shop.pricing.services.derived import changes_of_list

CHUNK = 1_000
TELL_EVERY = 5_000
MOST_HINTS = 200

T = TypeVar("T")
Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Change:
    """A price that the file adds, or one that it changes: then `entry_id` is there and `old` is the price before."""

    row: int
    sku: str
    product_id: int
    min_quantity: int
    price: Decimal
    valid_from: date | None
    valid_to: date | None
    entry_id: int | None = None
    old: Decimal | None = None
    old_valid_to: date | None = None


@dataclass(slots=True)
class Examined:
    """What was found. With problems nothing of the file may be taken over."""

    encoding: str = ""
    separator: str = ""
    rows_total: int = 0
    rows_same: int = 0
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: PriceCheck | None = None  # what the undercut guard refuses of it

    @property
    def rows_added(self) -> int:
        return sum(change.entry_id is None for change in self.changes)

    @property
    def rows_changed(self) -> int:
        return len(self.changes) - self.rows_added

    @property
    def rows_wrong(self) -> int:
        return len({problem.row for problem in self.problems})


def examine(
    content: bytes, *, price_list: PriceList, at: datetime, progress: Progress, ask_guard: bool = True
) -> Examined:
    """Hold a file against the list as it is now; `progress` is told the rows seen. Raises UnreadableFile.

    A file without mistakes is shown to the undercut guard as a whole, unless what writes it will do so anyway.

    Memory is bounded by the most rows that a file may have: each is kept as a few plain values.
    """
    table = open_table(content)
    examined = Examined(table.encoding, table.separator)
    rows: list[PriceRow] = []
    for row in price_rows(table, currency=price_list.currency):
        examined.rows_total += 1
        if isinstance(row, PriceRow):
            rows.append(row)
        else:
            examined.problems += row
        if examined.rows_total % TELL_EVERY == 0:
            progress(examined.rows_total)
    by_product = _by_product(rows, examined.problems)
    for products in _chunks(sorted(by_product)):
        known = _known(price_list, products)
        for product_id in products:
            _compare(product_id, by_product[product_id], known.get(product_id, {}), examined)
    if ask_guard and not examined.problems:
        for chunk in _chunks(examined.changes):
            _show_guard(price_list, chunk, examined, at)
            progress(examined.rows_total)
    examined.problems.sort(key=lambda problem: problem.row)
    return examined


def _by_product(rows: Iterable[PriceRow], problems: list[Problem]) -> dict[int, list[PriceRow]]:
    found: dict[int, list[PriceRow]] = defaultdict(list)
    for chunk in _chunks(list(rows)):
        products = _products({row.sku for row in chunk})
        for row in chunk:
            ids = products.get(row.sku, ())
            if len(ids) == 1:
                found[ids[0]].append(row)
            else:
                code = "ambiguous_sku" if ids else "unknown_sku"
                problems.append(Problem(row.row, "sku", row.sku[:80], code))
    _hint(problems)
    return found


def _products(skus: Iterable[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = defaultdict(set)
    for sku, product_id in StockRecord.objects.filter(partner_sku__in=skus).values_list("partner_sku", "product_id"):
        found[sku].add(product_id)
    return {sku: tuple(ids) for sku, ids in found.items()}


def _hint(problems: list[Problem]) -> None:
    """Say of the first unknown SKUs what they are when letters and spaces are not taken so exactly."""
    unknown = [place for place, problem in enumerate(problems) if problem.code == "unknown_sku"][:MOST_HINTS]
    written = {place: "".join(problems[place].value.split()).upper() for place in unknown}
    records = StockRecord.objects.annotate(loud=Upper("partner_sku")).filter(loud__in=set(written.values()))
    meant = dict(records.values_list("loud", "partner_sku")) if unknown else {}
    for place, loud in written.items():
        if sku := meant.get(loud):
            one = problems[place]
            problems[place] = Problem(one.row, one.column, one.value, "unknown_sku_like", sku)


def _known(price_list: PriceList, products: Sequence[int]) -> dict[int, dict[int, dict[date | None, PriceEntry]]]:
    """Return the list's entries by product, quantity and first day."""
    found: dict[int, dict[int, dict[date | None, PriceEntry]]] = defaultdict(lambda: defaultdict(dict))
    for entry in PriceEntry.objects.filter(price_list=price_list, product__in=products).order_by():
        found[entry.product_id][entry.min_quantity][entry.valid_from] = entry
    return found


def _compare(
    product_id: int,
    rows: Sequence[PriceRow],
    known: Mapping[int, Mapping[date | None, PriceEntry]],
    examined: Examined,
) -> None:
    by_quantity: dict[int, dict[date | None, PriceRow]] = defaultdict(dict)
    for row in rows:
        same = by_quantity[row.min_quantity].setdefault(row.valid_from, row)
        if same is not row:
            examined.problems.append(Problem(row.row, "", row.sku[:80], "twice", str(same.row)))
    for quantity, said in by_quantity.items():
        entries = known.get(quantity, {})
        examined.problems += _overlaps(said, entries)
        for row in said.values():
            entry = entries.get(row.valid_from)
            if entry is not None and (entry.price, entry.valid_to) == (row.price, row.valid_to):
                examined.rows_same += 1
            else:
                examined.changes.append(_change(row, product_id, entry))


def _change(row: PriceRow, product_id: int, entry: PriceEntry | None) -> Change:
    before = (entry.pk, entry.price, entry.valid_to) if entry else ()
    return Change(
        row.row, row.sku, product_id, row.min_quantity, row.price, row.valid_from, row.valid_to, *before
    )  # fmt: skip


def _overlaps(said: Mapping[date | None, PriceRow], entries: Mapping[date | None, PriceEntry]) -> Iterator[Problem]:
    """Of one product and quantity, yield the rows whose days another price has too, once the file is taken over."""
    final: dict[date | None, PriceRow | PriceEntry] = {**entries, **said}
    ordered = [final[first] for first in sorted(final, key=lambda first: first or date.min)]
    for one, other in pairwise(ordered):
        if one.valid_to is None or (other.valid_from is not None and other.valid_from < one.valid_to):
            row = other if isinstance(other, PriceRow) else one
            if isinstance(row, PriceRow):
                yield Problem(row.row, "valid_from", str(row.valid_from or ""), "overlaps", str(other.valid_from))


def _show_guard(price_list: PriceList, changes: Sequence[Change], examined: Examined, at: datetime) -> None:
    facts = price_check(
        changes_of_list(price_list, changes), label=price_list.name, at=at, reference=f"price-list:{price_list.code}"
    )
    verdict = api.check_prices(facts)
    if verdict.is_blocked:
        examined.refused = _together(examined.refused, facts, verdict.findings)
        by_tier = {(change.sku, change.min_quantity): change for change in changes}
        examined.problems += [_undercut(finding, by_tier) for finding in verdict.findings]


def _together(refused: PriceCheck | None, facts: PriceCheck, findings: Sequence[PriceFinding]) -> PriceCheck:
    """One check for the whole file, of what was found alone: one override then gives leave for all of it."""
    found = {(finding.sku, finding.quantity, finding.direct_minor) for finding in findings}
    proposals = tuple(one for one in facts.proposals if (one.sku, one.quantity, one.direct_minor) in found)
    return replace(facts, proposals=(*(refused.proposals if refused else ()), *proposals))


def _undercut(finding: PriceFinding, by_tier: Mapping[tuple[str, int], Change]) -> Problem:
    change = by_tier[finding.sku, finding.quantity]
    floor = from_minor(finding.floor_minor, finding.currency) / finding.quantity
    told = f"{floor:.2f} {finding.currency}" + (f" ({finding.partner_name})" if finding.partner_code else "")
    code = "undercuts" if finding.partner_code else "below_advertised"
    return Problem(change.row, "price", str(change.price), code, told)


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
