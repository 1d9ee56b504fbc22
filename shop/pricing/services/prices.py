"""Saving prices of a list or of a contract, many at once: compared with what is there, guarded, recorded."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from shop.companies.models import Company
from shop.pricing.guard import guard_prices, guarded
from shop.pricing.models import ContractPrice, PriceEntry, PriceList, PriceRecord
from shop.pricing.services import version
from shop.pricing.services.derived import changes_of_contract, changes_of_list

BATCH = 2000
Progress = Callable[[int], object]  # told how many rows are written
Key = tuple[int, int, date | None]  # product, from quantity, valid from: what makes a price the same one


def _untold(written: int) -> None:
    """Nobody asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """A price as it shall be; without an amount the one with this product, quantity and first day is taken out.

    `max_quantity` and `reference` count for contracts only. Days are half-open: `valid_to` is the first without it.
    """

    product_id: int
    price: Decimal | None
    min_quantity: int = 1
    max_quantity: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    reference: str = ""

    @property
    def key(self) -> Key:
        return self.product_id, self.min_quantity, self.valid_from


@dataclass(slots=True)
class Saved:
    """How many prices were new, changed, taken out and as they were before."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0


class PricesRefused(Exception):
    """Rows that cannot be kept; `problems` pairs the first row concerned of each with a sentence."""

    def __init__(self, problems: Sequence[tuple[PriceRow, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(text for _row, text in problems))


def save_list_prices(
    *,
    price_list: PriceList,
    rows: Sequence[PriceRow],
    at: datetime,
    by: Any = None,
    note: str = "",
    progress: Progress = _untold,
) -> Saved:
    """Write prices into a list. Raises PricesRefused or Undercut, and then keeps none of them.

    Products that are not named keep their prices. A constant number of queries for each BATCH of rows; after each,
    `progress` is told how many are written, which nobody else sees in the database before the end.
    """
    with guarded():
        PriceList.objects.select_for_update().get(pk=price_list.pk)
        return _save(_ListBook(price_list), rows, _Record(at=at, by=by, note=note), progress)


def save_contract_prices(
    *, company: Company, currency: str, rows: Sequence[PriceRow], at: datetime, by: Any = None, note: str = ""
) -> Saved:
    """Write prices agreed with a company. Raises PricesRefused or Undercut, and then keeps none of them."""
    with guarded():
        Company.objects.select_for_update().get(pk=company.pk)
        return _save(_ContractBook(company, currency), rows, _Record(at=at, by=by, note=note))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    at: datetime
    by: Any
    note: str


class _ListBook:
    """A list as a place to write prices to."""

    model: Any = PriceEntry
    end, compared = "valid_to", ("price", "valid_to")

    def __init__(self, price_list: PriceList) -> None:
        self.price_list, self.whose = price_list, {"price_list": price_list}
        self.recorded, self.currency = {"price_list": price_list}, price_list.currency
        self.label, self.reference = price_list.name, f"price-list:{price_list.code}"

    def values(self, row: PriceRow) -> dict[str, Any]:
        return {"price": row.price, "valid_to": row.valid_to}

    def changes(self, written: Iterable[Any]) -> list[Any]:
        return changes_of_list(self.price_list, written)


class _ContractBook:
    """A company's contract prices in one currency, likewise."""

    model: Any = ContractPrice
    end, compared = "expires", ("price", "expires", "max_quantity", "reference")

    def __init__(self, company: Company, currency: str) -> None:
        self.company, self.whose = company, {"company": company, "currency": currency}
        self.recorded, self.currency = {"company": company}, currency
        self.label, self.reference = company.name, f"contract:{company.key}"

    def values(self, row: PriceRow) -> dict[str, Any]:
        return {
            "price": row.price,
            "expires": row.valid_to,
            "max_quantity": row.max_quantity,
            "reference": row.reference,
        }

    def changes(self, written: Iterable[Any]) -> list[Any]:
        return changes_of_contract(self.company, self.currency, written)


def _save(
    book: _ListBook | _ContractBook,
    rows: Sequence[PriceRow],
    record: _Record,
    progress: Progress = _untold,
) -> Saved:
    refuse_impossible(rows)
    saved, written = Saved(), 0
    by_product: dict[int, list[PriceRow]] = defaultdict(list)
    for row in rows:
        by_product[row.product_id].append(row)
    for batch in _batches(by_product):
        _save_batch(book, batch, record, saved)
        written += len(batch)
        progress(written)
    if saved.created or saved.changed or saved.removed:
        version.bump()
    return saved


def _batches(by_product: dict[int, list[PriceRow]]) -> Iterator[list[PriceRow]]:
    """All rows of a product stay in one batch, so that its periods can be compared."""
    batch: list[PriceRow] = []
    for rows in by_product.values():
        batch += rows
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _save_batch(book: _ListBook | _ContractBook, rows: list[PriceRow], record: _Record, saved: Saved) -> None:
    there = book.model.objects.filter(**book.whose, product__in={row.product_id for row in rows})
    kept = {(price.product_id, price.min_quantity, price.valid_from): price for price in there}
    created, changed, removed, records = [], [], [], []
    for row in rows:
        price = kept.get(row.key)
        old = price.price if price else None
        if row.price is None:
            if price is None:
                continue
            removed.append(kept.pop(row.key))
        elif price is None:
            product_id, quantity, begins = row.key
            price = kept[row.key] = book.model(
                **book.whose, product_id=product_id, min_quantity=quantity, valid_from=begins, **book.values(row)
            )
            created.append(price)
        elif not _apply(price, book.values(row)):
            saved.unchanged += 1
            continue
        else:
            changed.append(price)
        records.append(_record(book, row, old, record))
    refuse_overlaps(rows, kept.values(), book.end)
    guard_prices(
        book.changes([*created, *changed]),
        label=book.label,
        reference=book.reference,
        at=record.at,
        actor_id=record.by.pk if record.by else None,
    )
    book.model.objects.filter(pk__in=[price.pk for price in removed]).delete()
    # Written over by key: bulk_update's CASE for each row takes several times as long.
    book.model.objects.bulk_create(
        changed, batch_size=1000, update_conflicts=True, unique_fields=["id"], update_fields=book.compared
    )
    book.model.objects.bulk_create(created, batch_size=1000)
    PriceRecord.objects.bulk_create(records, batch_size=1000)
    saved.created, saved.changed = saved.created + len(created), saved.changed + len(changed)
    saved.removed += len(removed)


def _apply(price: Any, values: dict[str, Any]) -> bool:
    differs = any(getattr(price, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(price, name, value)
    return differs


def _record(book: _ListBook | _ContractBook, row: PriceRow, old: Decimal | None, record: _Record) -> PriceRecord:
    return PriceRecord(
        **book.recorded,
        at=record.at,
        by=record.by,
        note=record.note,
        product_id=row.product_id,
        min_quantity=row.min_quantity,
        currency=book.currency,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        old=old,
        new=row.price,
    )


def refuse_impossible(rows: Sequence[PriceRow]) -> None:
    """Raise PricesRefused for rows that no price can be made of, and for two rows that mean the same price."""
    problems = []
    seen: set[Key] = set()
    for row in rows:
        if row.key in seen:
            problems.append((row, _("This product, quantity and first day stand here twice. Remove one of the rows.")))
        seen.add(row.key)
        if row.min_quantity < 1:
            problems.append((row, _("A quantity starts at 1.")))
        if row.max_quantity is not None and row.max_quantity < row.min_quantity:
            problems.append((row, _("The largest quantity is below the smallest. Exchange the two.")))
        if row.price is not None and row.price < 0:
            problems.append((row, _("A price is not below zero. Leave it empty to take the price out.")))
        if row.valid_from and row.valid_to and row.valid_to <= row.valid_from:
            problems.append((row, _("The price ends before it begins. Write a later end, or none.")))
    if problems:
        raise PricesRefused(problems)


def refuse_overlaps(rows: Sequence[PriceRow], prices: Iterable[Any], end: str) -> None:
    """Raise PricesRefused where two prices of one product and quantity would hold on the same day."""
    named = {(row.product_id, row.min_quantity): row for row in rows}
    groups: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for price in prices:
        if (price.product_id, price.min_quantity) in named:
            groups[price.product_id, price.min_quantity].append(price)
    problems = []
    for key, group in groups.items():
        group.sort(key=lambda price: price.valid_from or date.min)
        for before, after in pairwise(group):
            ends = getattr(before, end)
            if ends is None or ends > after.valid_from:
                values = {"quantity": key[1], "day": date_format(after.valid_from)}
                text = _("From %(quantity)d units there are two prices from %(day)s on. End the earlier one that day.")
                problems.append((named[key], text % values))
    if problems:
        raise PricesRefused(problems)
