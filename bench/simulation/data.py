"""A store's past as rows: real order lines, repeated as often as it takes, each order credited, paid and rated."""

import csv
import lzma
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from django.db import connection, models

from channels.commissions.models import Accrual, ProgrammeVersion, RatingRun
from channels.commissions.services import programmes, simulations
from channels.journeys.models import AttributionRun, CompanyProfile, Credit, OrderEvent, OrderLine, OrderRecord
from channels.partners.models import ChannelPartner

SINCE, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
PARTNERS, COMPANIES = 200, 500
BASE = 50_000  # lines written from here; the database repeats them
KINDS, TIERS = ("reseller", "agent", "integrator"), ("registered", "silver", "gold", "platinum")
CLASSES = ("hardware", "software", "support", "service", "spare-part")
POOLS = (("resale", 1_000), ("influence", 400))
RULES: list[dict[str, Any]] = [
    {"id": "resale-gold", "type": "RESALE", "rate_bp": 1_500, "conditions": {"tiers": ["gold", "platinum"]}},
    {"id": "resale-software", "type": "RESALE", "rate_bp": 1_200, "conditions": {"product_classes": ["software"]}},
    {"id": "resale", "type": "RESALE", "rate_bp": 900},
    {"id": "referral", "type": "REFERRAL", "rate_bp": 800},
    {"id": "influence-new", "type": "INFLUENCE", "rate_bp": 400, "conditions": {"cycle": "new"}, "duration_months": 24},
    {"id": "influence", "type": "INFLUENCE", "rate_bp": 200},
    {"id": "renewal", "type": "RENEWAL", "rate_bp": 600},
    {"id": "override", "type": "OVERRIDE", "rate_bp": 200, "base": "margin"},
]
DRAFT: dict[str, Any] = {"rules": RULES, "total_cap_bp": 1_800}


def load(lines: int) -> ProgrammeVersion:
    """Write so many order lines with everything that their rating froze; return the programme's version."""
    version = people()
    times = max(1, lines // BASE)
    orders = list(_orders(lines // times))
    placed = [SINCE + (UNTIL - SINCE) * place / len(orders) for place in range(len(orders))]
    copy_rows(OrderRecord, (order(place, placed[place]) for place in range(len(orders))))
    copy_rows(OrderLine, _lines(orders))
    copy_rows(
        AttributionRun,
        ({"id": n + 1, "order_id": n + 1, "state": "done", "created_at": placed[n]} for n in range(len(orders))),
    )
    copy_rows(Credit, _credits(orders))
    copy_rows(OrderEvent, (paid(n, placed[n]) for n in range(len(orders))))
    copy_rows(RatingRun, (_rating(n, placed[n], version) for n in range(len(orders))))
    copy_rows(Accrual, _accruals(orders, placed, version))
    sizes: dict[type[models.Model], int] = {
        model: model._base_manager.aggregate(most=models.Max("pk"))["most"]
        for model in (OrderRecord, OrderLine, AttributionRun, Credit, OrderEvent, RatingRun, Accrual)
    }
    for model in sizes:
        _repeat(model, times, sizes)
    analyze()
    return version


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _repeat(model: type[models.Model], times: int, sizes: dict[type[models.Model], int]) -> None:
    """Write the rows again with other numbers, inside the database: a year in which the same was sold more often."""
    names, values = [], []
    for field in model._meta.local_fields:
        name = f'"{field.column}"'
        target = model if field.primary_key else field.remote_field.model if field.remote_field else None
        if target in sizes:
            value = f"{name} + again.n * {sizes[target]}"
        elif field.unique or field.attname == "cause":
            value = f"{name} || '-' || again.n"
        elif field.attname == "placed_at":
            value = f"{name} + again.n * interval '1 second'"
        else:
            value = name
        names.append(name)
        values.append(value)
    columns, read, table = ", ".join(names), ", ".join(values), model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({columns}) SELECT {read} FROM "{table}", generate_series(1, %s) AS again(n)',
            [times - 1],
        )


def people() -> ProgrammeVersion:
    ChannelPartner.objects.bulk_create(
        ChannelPartner(
            pk=n + 1, code=f"partner-{n}", name=f"Partner {n}", kind=KINDS[n % 3], tier=TIERS[n % 4], status="active",
            country="NO", joined_at=LONG_AGO,
        )
        for n in range(PARTNERS)
    )  # fmt: skip
    CompanyProfile.objects.bulk_create(
        CompanyProfile(pk=n + 1, key=f"company-{n}", name=f"Company {n}", country="NO") for n in range(COMPANIES)
    )
    draft = programmes.create_draft(programme="bench", terms=DRAFT, at=LONG_AGO)
    simulations.run_now(version_id=draft.pk, since=LONG_AGO - timedelta(days=1), until=LONG_AGO, at=LONG_AGO)
    return programmes.publish(version_id=draft.pk, at=LONG_AGO)


def _orders(wanted: int) -> Iterator[list[tuple[str, str, int, int]]]:
    """Yield orders as (sku, title, quantity, net) lines, the file's own, again and again until there are enough."""
    real = list(_real_orders())
    left = wanted
    while left > 0:
        for order in real:
            yield order[:left]
            left -= len(order)
            if left <= 0:
                return


def _real_orders() -> Iterator[list[tuple[str, str, int, int]]]:
    """Read the invoices of the retail data; without it, invoices of the same lengths are made up."""
    file = Path(os.environ.get("ACCORD_DATA", "")) / "retail-orders.csv.xz"
    if not file.is_file():
        yield from (
            [(f"SKU-{n}-{line}", "Made up", 1 + line % 12, 250 + 37 * line) for line in range(1 + n * 7 % 41)]
            for n in range(5_000)
        )
        return
    with lzma.open(file, "rt", encoding="utf-8", newline="") as text:
        for _, rows in groupby(csv.DictReader(text), key=lambda row: row["InvoiceNo"]):
            kept = [_sold(row) for row in rows if int(row["Quantity"]) > 0 and float(row["UnitPrice"]) > 0]
            yield from (kept[start : start + 100] for start in range(0, len(kept), 100))


def _sold(row: dict[str, str]) -> tuple[str, str, int, int]:
    quantity = int(row["Quantity"])
    return row["StockCode"], row["Description"][:200], quantity, round(float(row["UnitPrice"]) * 100) * quantity


def order(n: int, placed_at: datetime) -> dict[str, Any]:
    key = f"company-{n % COMPANIES}"
    return {
        "id": n + 1, "number": f"B-{n}", "public_ref": f"b-{n}", "company_id": n % COMPANIES + 1, "channel": "reseller",
        "medium": "web", "country": "NO", "currency": "EUR", "net_minor": 0, "placed_at": placed_at,
        "facts": {"number": f"B-{n}", "company": {"key": key, "name": key, "segment": ("process", "marine")[n % 2]}},
    }  # fmt: skip


def _lines(orders: list[list[tuple[str, str, int, int]]]) -> Iterator[dict[str, Any]]:
    number = 0
    for n, bought in enumerate(orders):
        for position, (sku, title, quantity, net) in enumerate(bought, 1):
            number += 1
            yield {
                "id": number, "order_id": n + 1, "key": f"B-{n}/{position}", "position": position, "sku": sku, "title": title,
                "product_class": CLASSES[number % 5], "categories": ["goods", f"shelf-{number % 40}"], "quantity": quantity,
                "net_minor": net, "cost_minor": net * 6 // 10, "term_months": None,
            }  # fmt: skip


def _credits(orders: list[list[tuple[str, str, int, int]]]) -> Iterator[dict[str, Any]]:
    """Every line has a reseller; every third one shares an influence pool between two others."""
    number = line = 0
    for n, order in enumerate(orders):
        for _ in order:
            line += 1
            shares = [("resale", n % PARTNERS + 1, 10_000)]
            if line % 3 == 0:
                shares += [("influence", (n + 1) % PARTNERS + 1, 6_000), ("influence", (n + 2) % PARTNERS + 1, 4_000)]
            for pool, partner, share_bp in shares:
                number += 1
                yield {
                    "id": number, "run_id": n + 1, "line_id": line, "pool": pool, "partner_id": partner,
                    "role": "reseller" if pool == "resale" else "influencer", "share_bp": share_bp, "reason": "bench",
                }  # fmt: skip


def paid(n: int, placed_at: datetime) -> dict[str, Any]:
    return {"id": n + 1, "key": f"B-{n}:paid", "order_id": n + 1, "kind": "paid", "at": placed_at + timedelta(days=1)}


def _rating(n: int, placed_at: datetime, version: ProgrammeVersion) -> dict[str, Any]:
    partners = {n % PARTNERS, (n + 1) % PARTNERS, (n + 2) % PARTNERS}
    seen = {str(pk + 1): [KINDS[pk % 3], TIERS[pk % 4]] for pk in partners}
    return {
        "id": n + 1, "order_id": n + 1, "event_id": n + 1, "cause": f"B-{n}:paid", "state": "done",
        "programme_version_id": version.pk, "created_at": placed_at,
        "frozen": {"anchor_on": "2025-01-01", "partners": seen},
    }  # fmt: skip


def _accruals(
    orders: list[list[tuple[str, str, int, int]]], placed: list[datetime], version: ProgrammeVersion
) -> Iterator[dict[str, Any]]:
    """One per line, to its reseller: what was posted need not be what the draft pays."""
    line = 0
    for n, order in enumerate(orders):
        for _, _, _, net in order:
            line += 1
            yield {
                "id": line, "key": f"B:{line}", "order_id": n + 1, "line_id": line, "partner_id": n % PARTNERS + 1,
                "run_id": n + 1, "type": "RESALE", "programme_version_id": version.pk, "rule_id": "resale",
                "base_minor": net, "rate_bp": 1_000, "amount_minor": net // 10, "currency": "EUR", "state": "held",
                "accrued_at": placed[n],
            }  # fmt: skip


def copy_rows(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows by COPY; what a row leaves out has its field's default."""
    fields = [field for field in model._meta.local_fields if field.column]
    defaults = {field.attname: field.get_default() for field in fields if not field.primary_key}
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        raw = cursor.cursor
        with raw.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
            stream = iter(rows)
            while chunk := list(islice(stream, 5_000)):
                for row in chunk:
                    values = {**defaults, **row}
                    copy.write_row([field.get_db_prep_save(values[field.attname], connection) for field in fields])
