"""The ledger browser, statements, and the audit trail."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.audit.models import AuditEvent
from channels.commissions.models import LedgerEntry, LedgerHead, Payout, Statement
from channels.commissions.selectors import ledger, statements
from channels.commissions.services import statements as statement_services
from channels.desk.forms import LedgerFilter, PaymentForm, StatementFilter, TextFilter
from channels.desk.pages import DeskAct, DeskList, DeskTemplate

STATEMENT_TRAIL = (("desk_statements", gettext_lazy("Statements")),)


class LedgerList(DeskList):
    """Every entry, the latest posting first, with the balance of each account."""

    permission = "channels_commissions.view_ledgerentry"
    page_title = gettext_lazy("Ledger")
    template_name = "channels/desk/ledger_list.html"
    filter_form = LedgerFilter
    paginate_by = 100

    def rows(self, wanted: dict[str, Any]) -> QuerySet[LedgerEntry]:
        query = wanted.pop("q", "")
        return ledger.entries(query=query, **wanted)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "totals": ledger.totals_by_account(),
            "head": LedgerHead.objects.first(),
        }


class StatementList(DeskList):
    """Statements of all partners."""

    permission = "channels_commissions.view_statement"
    page_title = gettext_lazy("Statements")
    template_name = "channels/desk/statement_list.html"
    filter_form = StatementFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[Statement]:
        found = Statement.objects.select_related("partner", "payout")
        if query := wanted.pop("q", ""):
            found = found.filter(Q(number__icontains=query) | Q(partner__name__icontains=query))
        return found.filter(**wanted).order_by("-period_start", "partner__name", "currency")


class StatementDetail(DeskTemplate):
    """One statement: its movements, approval and payout."""

    permission = "channels_commissions.view_statement"
    act_permission = "channels_commissions.change_statement"
    template_name = "channels/desk/statement_detail.html"
    trail = STATEMENT_TRAIL

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = Statement.objects.select_related("partner", "approved_by")
        self.statement = get_object_or_404(rows, number=kwargs["number"])

    def get_page_title(self) -> str:
        return self.statement.number

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        payout = Payout.objects.filter(statement=self.statement).prefetch_related("attempts").first()
        return {
            **super().get_context_data(**kwargs),
            "statement": self.statement,
            "lines": statements.detail_lines(self.statement),
            "payout": payout,
            "payment_form": PaymentForm(),
        }


class ApproveStatement(DeskAct):
    """Approve a closed statement for payment."""

    permission = "channels_commissions.change_statement"

    def act(self, now: datetime, reason: str, *, number: str) -> str:
        row = get_object_or_404(Statement, number=number)
        statement_services.approve(statement_id=row.pk, at=now, by=self.request.user, reason=reason)
        return _("Statement %s is approved.") % row.number

    def back(self, *, number: str) -> str:
        return reverse("desk_statement", args=[number])


class AuditList(DeskList):
    """Who did what, when and why."""

    permission = "channels_audit.view_auditevent"
    page_title = gettext_lazy("Audit trail")
    template_name = "channels/desk/audit_list.html"
    filter_form = TextFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[AuditEvent]:
        found = AuditEvent.objects.select_related("actor")
        if query := wanted.get("q", ""):
            found = found.filter(
                Q(subject_name__icontains=query)
                | Q(verb__icontains=query)
                | Q(reason__icontains=query)
                | Q(actor__email__icontains=query)
            )
        return found.order_by("-at", "-pk")
