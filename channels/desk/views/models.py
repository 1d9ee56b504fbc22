"""All attribution models side by side, on our own orders or on a file that somebody brings."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.desk import csv_files, model_comparison
from channels.desk.model_forms import JourneyFileForm, PeriodForm
from channels.desk.pages import DeskTemplate
from channels.journeys.engine.comparison import compare
from channels.journeys.engine.journey_rows import RowProblem, Unreadable
from channels.journeys.engine.paths import PathTally
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.timed import ALL_MODELS, TimedTally
from channels.journeys.selectors.own_journeys import DIRECT, MOST_ORDERS, own_journeys
from channels.journeys.services import policies
from channels.journeys.services.journey_files import Outcome, credit_file

MOST_CHANNELS = 200
MOST_PROBLEMS = 50
DIRECT_NAMES = ("direct", "Direct", "DIRECT", "(direct)")
SALT = "desk.models"
A_DAY = 86_400


class AttributionModels(DeskTemplate):
    """Reads only; what a file holds is forgotten with the answer, and its table travels signed in the page."""

    permission = "channels_journeys.view_policy"
    act_permission = "channels_journeys.add_policy"
    page_title = gettext_lazy("Attribution models")
    header_icon = "doc-full"
    trail = (("desk_policies", gettext_lazy("Policies")),)
    template_name = "channels/desk/models.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        now = timezone.now()
        self.terms = _terms(now)
        self.period = PeriodForm(request.GET, today=now.date())
        self.upload = JourneyFileForm()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = self.own() if self.period.is_valid() else {}
        if found.get("table") and request.GET.get("format") == "csv":
            return _csv(found["table"])
        return self.render_to_response(self.get_context_data(**found))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "table" in request.POST:
            try:
                return _csv(signing.loads(request.POST["table"], salt=SALT, max_age=A_DAY))
            except signing.BadSignature:
                messages.error(request, _("That table is too old to be written. Compare the file again."))
                return redirect("desk_models")
        self.upload = JourneyFileForm(request.POST, request.FILES)
        self.period.is_valid()
        found = self.file(self.upload) if self.upload.is_valid() else {}
        return self.render_to_response(self.get_context_data(**found))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        query["format"] = "csv"
        more = {"period": self.period, "upload": self.upload, "csv_query": query.urlencode()}
        return {**super().get_context_data(**kwargs), **more}

    # --- our own orders --------------------------------------------------------------------------

    def own(self) -> dict[str, Any]:
        wanted = self.period.wanted()
        found = own_journeys(**wanted)
        context = {"source": "own", "orders": len(found.journeys), "untouched": found.untouched, "by": wanted["by"]}
        if found.too_many:
            return {**context, "too_many": MOST_ORDERS}
        tally = TimedTally(ALL_MODELS, settings=self.terms.model_settings, direct=[DIRECT])
        tally.add(found.journeys)
        credits = {model: tally.credits(model) for model in _shaped(ALL_MODELS, tally)}
        context["notes"] = _notes(tally, credits, 1)
        if wanted["by"] == "role" and credits["markov"]:
            context["role_weights"] = model_comparison.role_weights(credits["markov"], without=DIRECT)
        labels = {**found.labels, DIRECT: _("Direct and own staff")}
        return {**context, **self.compared(credits, sorted(tally.channels), labels)}

    # --- a file ----------------------------------------------------------------------------------

    def file(self, form: JourneyFileForm) -> dict[str, Any]:
        problems: list[str] = []

        def tell(problem: RowProblem) -> None:
            if len(problems) < MOST_PROBLEMS:
                problems.append(str(problem))

        file = form.cleaned_data["file"]
        try:
            outcome = credit_file(
                file.file,
                None,
                settings=self.terms.model_settings,
                direct=DIRECT_NAMES,
                with_value=form.cleaned_data["with_value"],
                tell=tell,
            )
        except Unreadable as error:
            form.add_error("file", str(error))
            return {}
        if len(outcome.tally.channels) > MOST_CHANNELS:
            text = _(
                "The file names %(n)s channels, and this page compares up to %(most)s. Use the command instead: %(command)s"
            )
            command = "manage.py attribute --model MODEL --input FILE"
            form.add_error("file", text % {"n": len(outcome.tally.channels), "most": MOST_CHANNELS, "command": command})
            return {}
        return {**self.outcome(outcome), "file_name": file.name, "problems": problems}

    def outcome(self, outcome: Outcome) -> dict[str, Any]:
        tally = outcome.tally
        credits = {model: outcome.credits(model) for model in _shaped(tally.models, tally)}
        found = self.compared(credits, sorted(tally.channels), {})
        notes = _notes(tally, credits, outcome.unit) if isinstance(tally, TimedTally) else []
        if "time-decay" not in tally.models:
            notes.append(_("Time decay is left out: a file of paths does not say when a touch was."))
        return {
            **found,
            "source": "file",
            "notes": notes,
            "file_rows": outcome.rows,
            "problem_count": outcome.problems,
            "lost": model_comparison.figure(Fraction(outcome.lost, outcome.unit)) if outcome.lost else "",
            "signed_table": signing.dumps(found["table"], salt=SALT, compress=True) if found else "",
        }

    def compared(
        self, credits: dict[str, dict[str, Fraction]], channels: list[str], labels: dict[str, str]
    ) -> dict[str, Any]:
        found = compare(credits, chosen=self.terms.model, channels=channels)
        if not found.models:
            return {"nothing": True, "table": []}
        return {**model_comparison.context(found, labels), "table": model_comparison.table(found, labels)}


def _terms(now: datetime) -> PolicyTerms:
    try:
        return PolicyTerms.from_json(policies.current(at=now).terms)
    except policies.NoPolicy:
        return PolicyTerms()


def _shaped(models: Iterable[str], tally: PathTally | TimedTally) -> list[str]:
    """W-shape would only say a second time what position says where no journey has its shape."""
    shaped = isinstance(tally, TimedTally) and tally.has_milestones
    return [model for model in models if shaped or model != "w-shape"]


def _notes(tally: TimedTally, credits: dict[str, dict[str, Fraction]], unit: int) -> list[str]:
    """What some models could not do."""
    notes = []
    nobody = Fraction(tally.unattributed["role"], unit)
    if nobody and not credits["role"]:
        notes.append(_("Role-weighted is left out: no touch has a role that the policy pays."))
    elif nobody:
        count = int(nobody)
        text = ngettext(
            "Role-weighted credits nobody for %(n)s journey: none of its touches has a role that the policy pays.",
            "Role-weighted credits nobody for %(n)s journeys: none of their touches has a role that the policy pays.",
            count,
        )
        notes.append(text % {"n": count})
    if tally.weight and not tally.has_milestones:
        notes.append(_("W-shape is left out: without a lead and a deal created in a journey it is position-based."))
    return notes


def _csv(table: list[list[str]]) -> HttpResponse:
    return csv_files.response("attribution-models", table[0], table[1:])
