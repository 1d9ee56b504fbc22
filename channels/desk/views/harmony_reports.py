"""The monthly report of the no-worse-off guarantee, and the cost of selling."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from channels.core.money import from_minor
from channels.desk import charts, csv_files
from channels.desk.harmony_forms import CostRateForm, MonthForm, PeriodForm
from channels.desk.pages import DeskForm, DeskTemplate
from channels.desk.templatetags.desk_money import minor
from channels.desk.views.harmony import HARMONY_TRAIL
from channels.harmony.engine import costs as engine
from channels.harmony.selectors import costs, proofs
from channels.harmony.services import costs as cost_services
from channels.journeys.models.labels import CHANNELS
from channels.journeys.selectors import wording

STAGES = {
    engine.ACQUIRE: gettext_lazy("Acquire"),
    engine.GROW: gettext_lazy("Grow"),
    engine.RETAIN: gettext_lazy("Retain"),
}
CHANNEL_LABELS = {**dict(CHANNELS), engine.NO_ORDER: gettext_lazy("No order yet")}
PARTS = (
    ("touches_minor", gettext_lazy("Touches")),
    ("commission_minor", gettext_lazy("Commission")),
    ("payment_minor", gettext_lazy("Payment fees")),
    ("support_minor", gettext_lazy("Support")),
)


class GuaranteeReport(DeskTemplate):
    """One month: lines checked, deficits, and what was booked as top-ups."""

    permission = "channels_harmony.view_proof"
    page_title = gettext_lazy("No-worse-off guarantee")
    template_name = "channels/desk/guarantee_report.html"
    trail = HARMONY_TRAIL

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = MonthForm(self.request.GET)
        month = form.chosen()
        rows = proofs.monthly(start=month.start, end=month.end)
        return {
            **super().get_context_data(**kwargs),
            "filter_form": form,
            "month": month,
            "first": month.start,
            "rows": rows,
            "before": month.shift(-1),
            "after": month.shift(1),
            "checked": sum(row.totals.lines for row in rows),
            "deficits": sum(row.totals.deficits for row in rows),
            "posted": _per_currency([(row.totals.currency, row.posted_minor) for row in rows]),
        }


class GuaranteeFile(DeskTemplate):
    permission = "channels_harmony.view_proof"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        month = MonthForm(request.GET).chosen()
        head = [
            _("Channel partner"), _("Currency"), _("Lines checked"), _("Deficits"), _("Guaranteed"), _("Credited"),
            _("Top-ups of these lines"), _("Top-ups booked in the month"),
        ]  # fmt: skip
        rows = [
            (
                row.partner.name, row.totals.currency, row.totals.lines, row.totals.deficits,
                from_minor(row.totals.promised_minor, row.totals.currency),
                from_minor(row.totals.credited_minor, row.totals.currency),
                from_minor(row.totals.top_up_minor, row.totals.currency),
                from_minor(row.posted_minor, row.totals.currency),
            )
            for row in proofs.monthly(start=month.start, end=month.end)
        ]  # fmt: skip
        return csv_files.response(f"guarantee-{month}", head, rows)


class CostReport(DeskTemplate):
    """What it costs to acquire, grow and retain customers, directly and through resellers."""

    permission = "channels_harmony.view_costrate"
    act_permission = "channels_harmony.add_costrate"
    page_title = gettext_lazy("Cost of selling")
    template_name = "channels/desk/cost_report.html"
    trail = HARMONY_TRAIL

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = PeriodForm(self.request.GET)
        start, end = form.period()
        report = costs.cost_of_selling(start=start, end=end)
        rows = cell_rows(report)
        currencies = sorted({currency for _channel, _stage, currency in report.cells})
        return {
            **super().get_context_data(**kwargs),
            "filter_form": form, "start": start, "end": end, "rows": rows, "rates": costs.rates(),
            "touches": touch_rows(report), "query": self.request.GET.urlencode(),
            "charts": [(currency, chart(rows, currency)) for currency in currencies],
        }  # fmt: skip


class CostFile(DeskTemplate):
    """Both tables in one file: the second names kind and medium."""

    permission = "channels_harmony.view_costrate"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        start, end = PeriodForm(request.GET).period()
        report = costs.cost_of_selling(start=start, end=end)
        head = [
            _("Channel"), _("Stage"), _("Kind"), _("Medium"), _("Currency"), pgettext("count", "Number"), _("Net"), _("Touches"), _("Commission"),
            _("Payment fees"), _("Support"), _("Cost"),
        ]  # fmt: skip
        rows: list[tuple[Any, ...]] = [
            (
                str(row["channel"]), str(row["stage"]), "", "", row["currency"], row["cell"].orders,
                *(from_minor(getattr(row["cell"], name), row["currency"])
                  for name in ("net_minor", *(name for name, _label in PARTS), "cost_minor")),
            )
            for row in cell_rows(report)
        ]  # fmt: skip
        rows += [
            (
                str(row["channel"]), str(row["stage"]), str(row["kind"]), str(row["medium"]), row["currency"],
                row["number"], None, from_minor(row["cost_minor"], row["currency"]), None, None, None, None,
            )
            for row in touch_rows(report)
        ]  # fmt: skip
        return csv_files.response(f"cost-of-selling-{start:%Y-%m-%d}", head, rows)


class CostRateAdd(DeskForm):
    """Say what payment or support costs per order from a moment on."""

    permission = "channels_harmony.add_costrate"
    page_title = gettext_lazy("Set a cost")
    form_class = CostRateForm
    trail = (*HARMONY_TRAIL, ("desk_costs", gettext_lazy("Cost of selling")))

    def form_valid(self, form: CostRateForm) -> Any:
        self.facts = form.facts()
        return super().form_valid(form)

    def act(self, data: dict[str, Any], now: datetime) -> None:
        cost_services.set_rate(at=now, actor=self.request.user, **self.facts)

    def get_success_url(self) -> str:
        return reverse("desk_costs")


def cell_rows(report: engine.Report) -> list[dict[str, Any]]:
    """Return the cells by currency, channel and stage, with their cost per hundred of net."""
    order = [*CHANNEL_LABELS]
    keys = sorted(report.cells, key=lambda key: (key[2], order.index(key[0]), engine.STAGES.index(key[1])))
    return [
        {
            "channel": CHANNEL_LABELS[channel],
            "stage": STAGES[stage],
            "currency": currency,
            "cell": (cell := report.cells[channel, stage, currency]),
            "share_bp": cell.cost_minor * 10_000 // cell.net_minor if cell.net_minor else None,
        }
        for channel, stage, currency in keys
    ]


def touch_rows(report: engine.Report) -> list[dict[str, Any]]:
    rows = [
        {
            "kind": wording.touch_kind(kind), "medium": wording.medium(medium), "channel": CHANNEL_LABELS[channel],
            "stage": STAGES[stage], "currency": currency, "number": cell.number, "cost_minor": cell.cost_minor,
        }
        for (kind, medium, channel, stage, currency), cell in report.touches.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["currency"], -row["cost_minor"], str(row["kind"]), str(row["medium"])))


def chart(rows: list[dict[str, Any]], currency: str) -> charts.Chart:
    drawn = [
        (
            f"{row['channel']} · {row['stage']}",
            minor(row["cell"].cost_minor, currency),
            [
                (f"{label}: {minor(getattr(row['cell'], name), currency)}", getattr(row["cell"], name))
                for name, label in PARTS
            ],
        )
        for row in rows
        if row["currency"] == currency
    ]
    return charts.stacked(drawn, legend=[str(label) for _name, label in PARTS])


def _per_currency(amounts: list[tuple[str, int]]) -> list[str]:
    totals: dict[str, int] = {}
    for currency, amount in amounts:
        totals[currency] = totals.get(currency, 0) + amount
    return [minor(total, currency) for currency, total in sorted(totals.items())]
