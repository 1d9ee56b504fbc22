"""Reading proofs: the one that counts of each order line and partner, its history, and the monthly report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from channels.commissions.engine.facts import CommissionType
from channels.commissions.models import Accrual
from channels.harmony.models import Proof
from channels.partners.models import ChannelPartner


@dataclass(frozen=True, slots=True)
class Totals:
    """What was checked in one currency."""

    currency: str
    lines: int
    deficits: int
    promised_minor: int
    credited_minor: int
    top_up_minor: int


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One partner's month. `posted_minor` is what the ledger booked as top-ups in it, refunds of earlier months too."""

    partner: ChannelPartner
    totals: Totals
    posted_minor: int


def latest(
    *, partner: ChannelPartner | None = None, lines: Iterable[int] | QuerySet[Any] | None = None
) -> QuerySet[Proof]:
    """Return the proof that counts of each line and partner, the last one; of one partner or of these lines if asked."""
    rows = Proof.objects.all() if partner is None else Proof.objects.filter(partner=partner)
    if lines is not None:
        rows = rows.filter(line__in=lines)
    last = rows.order_by().values("line", "partner").annotate(last=Max("pk")).values("last")
    found = Proof.objects.filter(pk__in=last).select_related("line__order__company", "partner", "agreement", "term")
    return found.order_by("-at", "-pk")


def history(*, partner: ChannelPartner, proof_id: int) -> QuerySet[Proof]:
    """Return the proofs of the same line, the latest first; none when the proof is another partner's."""
    asked = Proof.objects.filter(pk=proof_id, partner=partner).values("line")[:1]
    rows = Proof.objects.filter(partner=partner, line=asked).select_related("line__order__company", "agreement", "term")
    return rows.order_by("-pk")


def totals(
    *, partner: ChannelPartner | None = None, start: datetime | None = None, end: datetime | None = None
) -> list[Totals]:
    """Return the sums per currency of the proofs that count, in a period [start, end) of their last rating."""
    rows = _within(latest(partner=partner), start, end).order_by("currency").values("currency")
    return [_totals(row) for row in rows.annotate(**_SUMS)]


def monthly(*, start: datetime, end: datetime) -> list[ReportRow]:
    """Return a row per partner and currency with proofs or top-ups in [start, end): three queries."""
    touched = _within(Proof.objects.order_by(), start, end).values("line")
    checked = _within(latest(lines=touched), start, end).order_by().values("partner", "currency").annotate(**_SUMS)
    booked = (
        Accrual.objects.filter(type=CommissionType.TOP_UP, accrued_at__gte=start, accrued_at__lt=end)
        .order_by()
        .values_list("partner", "currency")
        .annotate(total=Sum("amount_minor"))
    )
    posted = {(partner, currency): total for partner, currency, total in booked}
    found = {(row["partner"], row["currency"]): _totals(row) for row in checked}
    partners = ChannelPartner.objects.in_bulk({partner for partner, _ in [*found, *posted]})
    rows = [
        ReportRow(
            partner=partners[partner],
            totals=found.get((partner, currency), Totals(currency, 0, 0, 0, 0, 0)),
            posted_minor=posted.get((partner, currency), 0),
        )
        for partner, currency in found.keys() | posted.keys()
    ]
    return sorted(rows, key=lambda row: (row.partner.name, row.totals.currency))


_SUMS = {
    "lines": Count("pk"),
    "deficits": Count("pk", filter=Q(top_up_minor__gt=0)),
    "promised": Sum("promised_minor"),
    "credited": Sum("credited_minor"),
    "top_up": Sum("top_up_minor"),
}


def _totals(row: Mapping[str, Any]) -> Totals:
    return Totals(
        currency=row["currency"],
        lines=row["lines"],
        deficits=row["deficits"],
        promised_minor=row["promised"],
        credited_minor=row["credited"],
        top_up_minor=row["top_up"],
    )


def _within(rows: QuerySet[Proof], start: datetime | None, end: datetime | None) -> QuerySet[Proof]:
    if start is not None:
        rows = rows.filter(at__gte=start)
    return rows if end is None else rows.filter(at__lt=end)
