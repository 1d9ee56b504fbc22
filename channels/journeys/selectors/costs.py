"""What touches cost the supplier: their own cost where it is known, else the usual one of their kind and medium."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from channels.journeys.models import TouchCost, Touchpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOfTouch:
    """One touch with what it cost. `partner_id` None: own staff or a campaign of ours; `company_id` None: unknown yet."""

    touch_id: int
    at: datetime
    kind: str
    medium: str
    campaign: str
    company_id: int | None
    partner_id: int | None
    cost_minor: int
    currency: str
    is_estimate: bool


class CostTable:
    """The table of costs, read once; `usual` answers without a query."""

    def __init__(self, rows: Iterable[TouchCost]) -> None:
        self._rows: dict[tuple[str, str], list[TouchCost]] = {}
        for row in sorted(rows, key=lambda row: row.valid_from, reverse=True):
            self._rows.setdefault((row.kind, row.medium), []).append(row)

    @classmethod
    def read(cls) -> "CostTable":
        return cls(TouchCost.objects.all())

    def usual(self, *, kind: str, medium: str, on: date) -> TouchCost | None:
        """Return the row that holds on a day: for the touch's medium, else for every medium; of several the latest."""
        candidates = [*self._rows.get((kind, medium), ()), *self._rows.get((kind, ""), ())]
        return next((row for row in candidates if _holds(row, on)), None)


def touch_costs(*, since: datetime, until: datetime, company_ids: Iterable[int] | None = None) -> Iterator[CostOfTouch]:
    """Return the touches in [since, until) that cost the supplier something, in the order in which they happened.

    The table estimates only our own touches: a partner's effort is paid by its commission, unless the touch says
    otherwise. A touch of a browser counts for the company that the browser turned out to be of.
    """
    table = CostTable.read()
    found = Touchpoint.objects.filter(at__gte=since, at__lt=until).annotate(
        whose=Coalesce(F("company_id"), F("visitor__company_id"))
    )
    found = found.filter(Q(cost_minor__gt=0) | Q(cost_minor__isnull=True, partner__isnull=True))
    if company_ids is not None:
        found = found.filter(whose__in=list(company_ids))
    columns = ("pk", "at", "kind", "medium", "campaign", "whose", "partner_id", "cost_minor", "cost_currency")
    for pk, at, kind, medium, campaign, whose, partner_id, cost, currency in found.order_by("at", "pk").values_list(
        *columns
    ):
        usual = table.usual(kind=kind, medium=medium, on=at.astimezone(UTC).date()) if cost is None else None
        amount, unit = (usual.cost_minor, usual.currency) if usual else (cost, currency)
        if amount:
            yield CostOfTouch(
                touch_id=pk, at=at, kind=kind, medium=medium, campaign=campaign, company_id=whose,
                partner_id=partner_id, cost_minor=amount, currency=unit, is_estimate=usual is not None,
            )  # fmt: skip


def _holds(row: TouchCost, on: date) -> bool:
    return row.valid_from <= on and (row.valid_to is None or on < row.valid_to)
