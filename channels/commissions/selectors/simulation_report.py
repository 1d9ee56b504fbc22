"""A simulation's result as a page shows it: names, differences, winners and losers, and the bars of its charts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.partners.models import ChannelPartner

BAR = 1000  # the length of the longest bar
CAPS: dict[str, str | Promise] = {
    "total_cap": gettext_lazy("Cap on all commissions of a line"),
    "line_cap": gettext_lazy("Cap per order line"),
    "order_cap": gettext_lazy("Cap per order"),
    "customer_cap": gettext_lazy("Cap per customer"),
    "month_cap": gettext_lazy("Cap per month"),
    "quarter_cap": gettext_lazy("Cap per quarter"),
    "year_cap": gettext_lazy("Cap per year"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """Then and now of one partner, tier, segment or type in one currency; the bars compare them with their table."""

    label: str
    currency: str
    then_minor: int
    now_minor: int
    code: str = ""
    then_bar: int = 0
    now_bar: int = 0

    @property
    def change_minor(self) -> int:
        return self.now_minor - self.then_minor

    @property
    def change_bp(self) -> int | None:
        return round(self.change_minor * 10_000 / self.then_minor) if self.then_minor else None


@dataclass(frozen=True, slots=True)
class Report:
    orders: int
    lines: int
    changed_orders: int
    totals: Sequence[Row] = ()
    winners: Sequence[Row] = ()
    losers: Sequence[Row] = ()
    unchanged: int = 0
    groups: Sequence[tuple[str, Sequence[Row]]] = ()
    caps: Sequence[dict[str, Any]] = ()
    shortfalls: Sequence[dict[str, Any]] = ()
    breaches: Sequence[dict[str, Any]] = field(default_factory=list)


def report(result: dict[str, Any]) -> Report:
    """Return the result with names; two queries at most, whatever its length."""
    keys = {int(row["partner"]) for row in (*result["partners"], *result["breaches"])}
    partners = ChannelPartner.objects.in_bulk(keys)
    rows = _with_bars(
        Row(partners[int(row["partner"])].name, row["currency"], row["then_minor"], row["now_minor"],
            partners[int(row["partner"])].code)
        for row in result["partners"]
    )  # fmt: skip
    tiers = {str(value): str(label) for value, label in ChannelPartner.Tier.choices}
    return Report(
        orders=result["orders"],
        lines=result["lines"],
        changed_orders=result["changed_orders"],
        totals=_grouped(result["totals"], "currency", {}),
        winners=sorted((row for row in rows if row.change_minor > 0), key=lambda row: (-row.change_minor, row.label)),
        losers=sorted((row for row in rows if row.change_minor < 0), key=lambda row: (row.change_minor, row.label)),
        unchanged=sum(row.change_minor == 0 for row in rows),
        groups=(
            (_("Per type"), _grouped(result["types"], "type", {})),
            (_("Per tier"), _grouped(result["tiers"], "tier", tiers)),
            (_("Per customer segment"), _grouped(result["segments"], "segment", {})),
        ),
        caps=[{**row, "label": str(CAPS.get(row["cap"], row["cap"]))} for row in result["cap_hits"]],
        shortfalls=result["shortfalls"],
        breaches=[{**row, "partner": partners[int(row["partner"])]} for row in result["breaches"]],
    )


def _grouped(rows: Iterable[dict[str, Any]], key: str, labels: dict[str, str]) -> Sequence[Row]:
    return _with_bars(
        Row(labels.get(row[key]) or row[key].replace("_", " ").capitalize() if key != "currency" else row[key],
            row["currency"], row["then_minor"], row["now_minor"])
        for row in rows
    )  # fmt: skip


def _with_bars(rows: Iterable[Row]) -> list[Row]:
    """Draw each currency against its own longest bar: amounts of two currencies do not compare."""
    found = list(rows)
    longest: dict[str, int] = {}
    for row in found:
        longest[row.currency] = max(longest.get(row.currency, 1), abs(row.then_minor), abs(row.now_minor))
    return [
        Row(row.label or _("(none)"), row.currency, row.then_minor, row.now_minor, row.code,
            max(0, row.then_minor) * BAR // longest[row.currency], max(0, row.now_minor) * BAR // longest[row.currency])
        for row in found
    ]  # fmt: skip
