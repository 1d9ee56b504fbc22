"""The harmony dashboard: how well direct sales and partners live together, each figure with its definition."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.core.money import from_minor
from channels.desk import csv_files
from channels.desk.harmony_forms import PeriodForm
from channels.desk.pages import DeskTemplate
from channels.desk.templatetags.desk_money import minor, percent
from channels.harmony.models import GuardCheck
from channels.harmony.selectors import dashboard
from channels.partners.selectors import country_name

VIEW = "channels_harmony.view_guardcheck"
HARMONY_TRAIL = (("desk_harmony", gettext_lazy("Harmony")),)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: what it means, and the table behind it."""

    key: str
    title: str | Promise
    definition: str | Promise
    value: str
    head: tuple[Any, ...]
    rows: list[tuple[Any, ...]]
    cells: list[tuple[Any, ...]]  # the same for a file: plain numbers
    bars: list[tuple[str, int, str]]  # label, basis points, text


class HarmonyDashboard(DeskTemplate):
    permission = VIEW
    page_title = gettext_lazy("Harmony")
    template_name = "channels/desk/harmony.html"
    header_icon = "view"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = PeriodForm(self.request.GET)
        start, end = form.period()
        measures = [build(start, min(end, timezone.now())) for build in MEASURES.values()]
        return {
            **super().get_context_data(**kwargs),
            "filter_form": form, "start": start, "end": end, "measures": measures,
            "query": self.request.GET.urlencode(),
        }  # fmt: skip


class HarmonyFile(DeskTemplate):
    """One measure's table as a file."""

    permission = VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        build = MEASURES.get(kwargs["measure"])
        if build is None:
            raise Http404
        start, end = PeriodForm(request.GET).period()
        measure = build(start, min(end, timezone.now()))
        return csv_files.response(f"harmony-{measure.key}-{start:%Y-%m-%d}", measure.head, measure.cells)


def direct_share(start: datetime, end: datetime) -> Measure:
    found = dashboard.direct_share(start=start, end=end)
    net, direct = sum(row.net_minor for row in found), sum(row.direct_minor for row in found)
    is_one = len({row.currency for row in found}) == 1
    return Measure(
        key="direct-share",
        title=_("Direct share by territory"),
        definition=_(
            "Net value of the orders that customers placed directly, of all orders placed in the period, by the country "
            "they went to. Refunds do not change it."
        ),
        value=percent(direct * 10_000 // net) if net and is_one else ("–" if not net else _("see the table")),
        head=(_("Country"), _("Currency"), _("Orders"), _("Direct orders"), _("Net"), _("Direct net"), _("Direct share")),
        rows=[
            (country_name(row.country), row.currency, row.orders, row.direct_orders, minor(row.net_minor, row.currency),
             minor(row.direct_minor, row.currency), percent(row.direct_bp))
            for row in found
        ],
        cells=[
            (row.country, row.currency, row.orders, row.direct_orders, from_minor(row.net_minor, row.currency),
             from_minor(row.direct_minor, row.currency), row.direct_bp / 100)
            for row in found
        ],
        bars=[(f"{country_name(row.country)} ({row.currency})", row.direct_bp, percent(row.direct_bp)) for row in found],
    )  # fmt: skip


def uncredited_accounts(start: datetime, end: datetime) -> Measure:
    found = dashboard.accounts(start=start, end=end)
    share = found.uncredited * 10_000 // found.ordered if found.ordered else 0
    rows: list[tuple[Any, ...]] = [(row.name, country_name(row.country), row.segment) for row in found.companies]
    return Measure(
        key="accounts",
        title=_("Registered accounts with no credit"),
        definition=_(
            "Companies that ordered in the period, and on none of whose orders of the period a partner is credited. The "
            "table lists the first hundred by name."
        ),
        value=_("%(n)d of %(all)d") % {"n": found.uncredited, "all": found.ordered},
        head=(_("Company"), _("Country"), _("Segment")),
        rows=rows,
        cells=rows,
        bars=[(str(_("Without credit")), share, percent(share))] if found.ordered else [],
    )


def undercuts(start: datetime, end: datetime) -> Measure:
    found = dashboard.undercuts(start=start, end=end)
    rows: list[tuple[Any, ...]] = [
        (label, found.by_outcome.get(outcome, 0),
         ", ".join(minor(gap, currency) for currency, gap in sorted(found.prevented_gaps.items()))
         if outcome == GuardCheck.Outcome.BLOCKED else "")
        for outcome, label in GuardCheck.Outcome.choices
    ]  # fmt: skip
    return Measure(
        key="undercuts",
        title=_("Undercuts prevented"),
        definition=_(
            "Prices, promotions and order discounts that the guard refused in the period, since they would have gone below "
            "a partner's buy price and margin, or a minimum advertised price. The same try repeated counts once. The gap "
            "is summed over partners, for the quantity that was checked."
        ),
        value=str(found.prevented),
        head=(_("Outcome"), _("Checks"), _("Gap prevented")),
        rows=rows,
        cells=rows,
        bars=[],
    )


def time_to_credit(start: datetime, end: datetime) -> Measure:
    found = dashboard.time_to_credit(start=start, end=end)
    rows: list[tuple[Any, ...]] = [
        (_("Credited orders"), found.cases),
        (_("Median"), span(found.median)),
        (_("Nine of ten within"), span(found.p90)),
    ]
    return Measure(
        key="time-to-credit",
        title=_("Time to credit"),
        definition=_(
            "From the placing of an order to the moment its first attribution was done, for the credited orders of the "
            "period. By nearest rank: both times are those of real orders."
        ),
        value=span(found.median),
        head=(_("Figure"), _("Value")),
        rows=rows,
        cells=rows,
        bars=[],
    )


def disputes(start: datetime, end: datetime) -> Measure:
    found = dashboard.disputes(start=start, end=end)
    rows: list[tuple[Any, ...]] = [
        (_("Opened in the period"), found.opened),
        (_("Credited orders of the period"), found.credited_orders),
        (_("Rate"), percent(found.rate_bp)),
        (_("Open at its end"), found.open.cases),
        (_("Median age of the open ones"), span(found.open.median)),
        (_("Nine of ten younger than"), span(found.open.p90)),
    ]
    return Measure(
        key="disputes",
        title=_("Dispute rate and age"),
        definition=_(
            "Disputes and claims that partners opened in the period, per hundred credited orders placed in it; and the age, "
            "at the end of the period, of those that are still undecided today."
        ),
        value=percent(found.rate_bp),
        head=(_("Figure"), _("Value")),
        rows=rows,
        cells=rows,
        bars=[],
    )


MEASURES: dict[str, Callable[[datetime, datetime], Measure]] = {
    "direct-share": direct_share,
    "accounts": uncredited_accounts,
    "undercuts": undercuts,
    "time-to-credit": time_to_credit,
    "disputes": disputes,
}


def span(length: timedelta | None) -> str:
    """Return a length of time in its two largest units."""
    if length is None:
        return "–"
    seconds = int(length.total_seconds())
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours % 24}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}
    return _("%(minutes)d min") % {"minutes": minutes}
