"""Simulations of a draft: asked for, followed while they run, and read order by order."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import SimulatedOrder, SimulationRun
from channels.commissions.selectors import simulation_report
from channels.commissions.selectors.simulations import hash_of, is_stale
from channels.commissions.selectors.trial import try_order
from channels.commissions.services import simulations
from channels.core.money import from_minor
from channels.core.terms import TermsError
from channels.desk import csv_files
from channels.desk.pages import DeskAct, DeskForm, DeskPermission, DeskTemplate
from channels.desk.programme_forms import PeriodForm
from channels.desk.views.programmes import CHANGE, TRAIL, VIEW, VersionPage

PER_PAGE = 50
REFRESH_SECONDS = 2
State = SimulationRun.State


class SimulationStart(VersionPage, DeskForm):
    """Ask for a run of a draft over a period of past orders."""

    permission = CHANGE
    form_class = PeriodForm
    template_name = "channels/desk/simulation_start.html"
    trail = TRAIL
    refusals = (TermsError, simulations.EmptyPeriod)
    submit_label = gettext_lazy("Start")
    success_message = gettext_lazy("The simulation is on its way.")

    def get_page_title(self) -> str:
        return _("Simulate %s") % self.draft

    def get_initial(self) -> dict[str, Any]:
        today = timezone.now().date()
        return {"since": today - timedelta(days=365), "until": today + timedelta(days=1)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "version": self.draft, "runs": self.draft.simulations.all()[:10]}

    def form_valid(self, form: PeriodForm) -> HttpResponse:
        self.period = form.period()
        return super().form_valid(form)

    def act(self, data: dict[str, Any], now: datetime) -> None:
        since, until = self.period
        self.run = simulations.request(version_id=self.draft.pk, since=since, until=until, at=now, by=self.request.user)

    def get_success_url(self) -> str:
        run = getattr(self, "run", None)
        if run is None:
            return reverse("desk_programme_version", args=[self.version.pk])
        return reverse("desk_simulation", args=[run.pk])


class SimulationDetail(DeskTemplate):
    """A run: how far it is, why it failed, or what it found. Until it ends the page loads itself again."""

    permission = VIEW
    act_permission = CHANGE
    trail = TRAIL
    template_name = "channels/desk/simulation.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.run = run_or_404(kwargs["pk"])

    def get_page_title(self) -> str:
        return _("Simulation of %s") % self.run.version

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run, now = self.run, timezone.now()
        stale = is_stale(run, now=now)
        waits = run.state in (State.QUEUED, State.RUNNING) and not stale
        context = {
            **super().get_context_data(**kwargs),
            "run": run,
            "version": run.version,
            "is_final": _is_final(run),
            "is_stale": stale,
            "refresh": REFRESH_SECONDS if waits else 0,
            "percent": 100 * run.orders_done // run.orders_total if run.orders_total else 0,
            "last_day": run.until - timedelta(microseconds=1),
        }
        if run.state == State.DONE:
            context |= self._found(run)
        return context

    def _found(self, run: SimulationRun) -> dict[str, Any]:
        orders = SimulatedOrder.objects.filter(run=run).select_related("order__company", "partner")
        if code := self.request.GET.get("partner", ""):
            orders = orders.filter(partner__code=code)
        page = Paginator(orders.order_by("-distance_minor", "pk"), PER_PAGE).get_page(self.request.GET.get("p"))
        return {"report": simulation_report.report(run.result), "orders": page, "partner_code": code}


class SimulationOrder(DeskTemplate):
    """One order under a run's text, line by line: what was posted, what the draft pays, and why."""

    permission = VIEW
    trail = TRAIL
    template_name = "channels/desk/simulation_order.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.run = run_or_404(kwargs["pk"])
        trial = try_order(kwargs["number"], ProgrammeTerms.from_json(self.run.terms))
        if trial is None:
            raise Http404
        self.trial = trial

    def get_page_title(self) -> str:
        return _("%(order)s under %(version)s") % {"order": self.trial.order.number, "version": self.run.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "run": self.run, "trial": self.trial}


class SimulationStep(DeskAct):
    """Cancel a run, or start one again that failed, was cancelled or has lost its worker."""

    permission = CHANGE
    refusals = (simulations.StillRunning,)

    def act(self, now: datetime, reason: str, *, pk: int, step: str) -> str:
        run = run_or_404(pk)
        if step == "cancel":
            simulations.cancel(run_id=run.pk, at=now)
            return _("The simulation is cancelled.")
        if step == "restart":
            simulations.restart(run_id=run.pk, at=now)
            return _("The simulation starts again.")
        raise Http404

    def back(self, *, pk: int, step: str) -> str:
        return reverse("desk_simulation", args=[pk])


class SimulationExport(DeskPermission, View):
    """The orders that change, as a file."""

    permission = VIEW

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        run = run_or_404(pk)
        head = [
            _("Order"),
            _("Placed"),
            _("Customer"),
            _("Partner"),
            _("Tier"),
            _("Then"),
            _("Now"),
            _("Difference"),
            _("Currency"),
        ]
        return csv_files.streamed(f"simulation-{run.pk}", head, _rows(run))


def run_or_404(pk: int) -> SimulationRun:
    return get_object_or_404(SimulationRun.objects.select_related("version__programme", "requested_by"), pk=pk)


def _is_final(run: SimulationRun) -> bool:
    try:
        return hash_of(run.version.terms) == run.terms_hash
    except TermsError:
        return False


def _rows(run: SimulationRun) -> Iterator[list[Any]]:
    orders = (
        SimulatedOrder.objects.filter(run=run)
        .select_related("order__company", "partner")
        .order_by("-distance_minor", "pk")
    )
    for row in orders.iterator(chunk_size=1000):
        then, now = from_minor(row.then_minor, row.currency), from_minor(row.now_minor, row.currency)
        yield [
            row.order.number, row.order.placed_at.date(), row.order.company.name, row.partner.name, row.partner.tier,
            then, now, now - then, row.currency,
        ]  # fmt: skip
