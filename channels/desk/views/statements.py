"""Statements: the list with its totals, one with who must approve it, and its files."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from channels.commissions import tax
from channels.commissions.models import Payout, Statement
from channels.commissions.selectors import approvals, statements
from channels.commissions.selectors.rates import Rates, reporting_currency
from channels.commissions.selectors.statement_export import export
from channels.commissions.services import statements as services
from channels.commissions.statement_pdf import Row, build
from channels.commissions.statement_sheet import sheet_of
from channels.desk.forms import PaymentForm, StatementFilter
from channels.desk.pages import DeskAct, DeskList, DeskPermission, DeskTemplate, paged
from channels.desk.templatetags.desk_money import minor
from channels.desk.views.money import STATEMENT_TRAIL

LINES_PER_PAGE, MOST_ON_PAPER = 100, 600


class StatementList(DeskList):
    """Statements of all partners, and what those shown ask for: per currency, and in the reporting currency."""

    permission = "channels_commissions.view_statement"
    page_title = gettext_lazy("Statements")
    template_name = "channels/desk/statement_list.html"
    filter_form = StatementFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[Statement]:
        found = Statement.objects.select_related("partner", "payout")
        if query := wanted.pop("q", ""):
            found = found.filter(Q(number__icontains=query) | Q(partner__name__icontains=query))
        self.found = found.filter(**wanted).order_by("-period_start", "partner__name", "currency")
        return self.found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.found.exclude(state=Statement.State.PAID).order_by()
        totals = list(asked.values_list("currency").annotate(total=Sum("payable_minor")).order_by("currency"))
        rates = Rates.of(timezone.now().date())
        reported = [rates.reported(total, currency) for currency, total in totals]
        return {
            **super().get_context_data(**kwargs),
            "totals": totals,
            "reported_minor": None if None in reported else sum(amount or 0 for amount in reported),
            "reporting_currency": reporting_currency(),
        }


class StatementDetail(DeskTemplate):
    """One statement: its movements, approvals and payout."""

    permission = "channels_commissions.view_statement"
    act_permission = "channels_commissions.change_statement"
    template_name = "channels/desk/statement_detail.html"
    trail = STATEMENT_TRAIL

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.statement = get_object_or_404(Statement.objects.select_related("partner"), number=kwargs["number"])

    def get_page_title(self) -> str:
        return self.statement.number

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        payout = Payout.objects.filter(statement=self.statement).prefetch_related("attempts").first()
        paging = paged(self.request, statements.lines(self.statement), LINES_PER_PAGE)
        return {
            **super().get_context_data(**kwargs),
            **paging,
            "statement": self.statement,
            "lines": [statements.detail(line.entry) for line in paging["page_obj"]],
            "approvals": self.statement.approvals.select_related("by"),
            "turn": approvals.turn(self.statement, self.request.user),
            "limit": self.statement.printed.get("approval", {}),
            "tax_sentences": tax.sentences(self.statement.printed.get("tax", {})),
            "payout": payout,
            "payment_form": PaymentForm(),
        }


class ApproveStatement(DeskAct):
    """Approve a closed statement for payment; above the limit a second person has to as well."""

    permission = "channels_commissions.change_statement"
    refusals = (services.ApprovedAlready, services.NeedsAPerson)

    def act(self, now: datetime, reason: str, *, number: str) -> str:
        row = get_object_or_404(Statement, number=number)
        row = services.approve(statement_id=row.pk, at=now, by=self.request.user, reason=reason)
        if row.state == Statement.State.CLOSED:
            return (
                _("Your approval of %s is recorded. It is above the limit: somebody else approves it too.") % row.number
            )
        return _("Statement %s is approved.") % row.number

    def back(self, *, number: str) -> str:
        return reverse("desk_statement", args=[number])


class StatementFile(DeskPermission, View):
    """The statement as finance sends it to a partner without a portal: as PDF, or as JSON to recompute it from."""

    permission = "channels_commissions.view_statement"

    def get(self, request: HttpRequest, number: str, kind: str) -> HttpResponse:
        found = get_object_or_404(Statement.objects.select_related("partner"), number=number)
        if kind not in ("pdf", "json"):
            raise Http404
        if kind == "json":
            answer: HttpResponse = JsonResponse(export(found))
        else:
            answer = HttpResponse(build(sheet_of(found, _rows(found), money=minor)), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{found.number}.{kind}"'
        return answer


def _rows(found: Statement) -> list[Row]:
    lines = [statements.detail(line.entry) for line in statements.lines(found)[: MOST_ON_PAPER + 1]]
    if len(lines) > MOST_ON_PAPER:
        return [Row("", label, "", "", minor(total, found.currency)) for label, total in statements.kinds(found)]
    return [
        Row(
            date_format(line.entry.posting.booked_at, "SHORT_DATE_FORMAT"),
            line.kind_label,
            line.order_number,
            line.title,
            minor(line.amount_minor, found.currency),
        )
        for line in lines
    ]
