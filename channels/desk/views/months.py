"""Closing months: what keeps the next one open, what it would state, and those that are closed for good."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.commissions.selectors import months
from channels.commissions.selectors.rates import Rates, reporting_currency
from channels.commissions.services import statements
from channels.core.periods import Month
from channels.desk.pages import DeskAct, DeskList

BLOCKERS = {
    "attribution": (gettext_lazy("Orders whose attribution waits or failed"), "desk_failures"),
    "rating": (gettext_lazy("Events whose commission is not rated"), "desk_failures"),
    "rate": (gettext_lazy("Exchange rates that are missing"), "desk_rates"),
}
SHOWN = 200


class MonthList(DeskList):
    """The month to close next with its preview, and the closed ones."""

    permission = "channels_commissions.view_closedmonth"
    act_permission = "channels_commissions.add_closedmonth"
    page_title = gettext_lazy("Months")
    template_name = "channels/desk/month_list.html"
    paginate_by = 24

    def rows(self, wanted: dict[str, Any]) -> Any:
        return months.closed_months()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        context = super().get_context_data(**kwargs)
        following = months.first_open()
        if following is None:
            return context
        preview, rates = months.preview(following), Rates.of(min(now, following.end).date())
        reported = [rates.reported(row.closing_minor, row.currency) for row in preview]
        left = months.blockers(following)
        return context | {
            "month": following,
            "month_start": following.start,
            "is_over": following.end <= now,
            "clock_closes_at": following.end + months.GRACE if left else following.end,
            "blockers": [(*BLOCKERS[row.kind], row.count) for row in left],
            "preview": preview[:SHOWN],
            "preview_more": max(len(preview) - SHOWN, 0),
            "reported_minor": None if None in reported else sum(amount or 0 for amount in reported),
            "reporting_currency": reporting_currency(),
        }


class CloseMonth(DeskAct):
    """Close the next month. It cannot be opened again."""

    permission = "channels_commissions.add_closedmonth"
    refusals = (statements.MonthBlocked, statements.NotTheNextMonth, statements.NotOver, ValueError)
    request: HttpRequest

    def act(self, now: datetime, reason: str, *, month: str) -> str:
        made = statements.close_month(month=Month.parse(month), now=now, by=self.request.user)
        count = len(made)
        said = ngettext(
            "%(month)s is closed: %(count)s statement.", "%(month)s is closed: %(count)s statements.", count
        )
        return said % {"month": month, "count": count} if made else _("%s is closed.") % month

    def back(self, *, month: str) -> str:
        return reverse("desk_months")
