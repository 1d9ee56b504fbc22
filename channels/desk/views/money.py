"""The ledger browser and the audit trail."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from channels.audit.models import AuditEvent
from channels.commissions.models import LedgerEntry, LedgerHead
from channels.commissions.selectors import ledger
from channels.desk.forms import LedgerFilter, TextFilter
from channels.desk.pages import DeskList

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
