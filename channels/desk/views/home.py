"""The desk's front page: what waits for somebody."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels.commissions.models import Accrual, RatingRun, Statement
from channels.commissions.selectors.disputes import open_disputes, overdue
from channels.commissions.selectors.earnings import open_reviews
from channels.desk.pages import DeskTemplate
from channels.journeys.models import AttributionRun
from channels.journeys.selectors.overrides import open_overrides
from channels.partners.models import ChannelPartner


class DeskHome(DeskTemplate):
    """Counts with links. Each costs one query and none grows with the history."""

    permission = "channels_partners.view_channelpartner"
    page_title = _("Channels")
    template_name = "channels/desk/home.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items()[:1], {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = [ChannelPartner.Status.APPLIED, ChannelPartner.Status.IN_REVIEW, ChannelPartner.Status.APPROVED]
        failed = AttributionRun.objects.filter(state=AttributionRun.State.FAILED).count()
        failed += RatingRun.objects.filter(state=RatingRun.State.FAILED).count()
        tiles = [
            (
                _("Partners waiting for a step"),
                ChannelPartner.objects.filter(status__in=waiting).count(),
                "desk_partners",
                "",
            ),
            (_("Failed attributions and ratings"), failed, "desk_failures", ""),
            (_("Disputes and claims to decide"), open_disputes().count(), "desk_disputes", "?state=current"),
            (_("Disputes overdue"), overdue(now=timezone.now()).count(), "desk_disputes", "?state=overdue"),
            (_("Overrides to decide"), open_overrides().count(), "desk_credit_overrides", "?state=proposed"),
            (_("Credits held for review"), open_reviews().count(), "desk_reviews", ""),
            (
                _("Statements to approve"),
                Statement.objects.filter(state=Statement.State.CLOSED, payable_minor__gt=0).count(),
                "desk_statements",
                "?state=closed",
            ),
            (
                _("Statements to pay"),
                Statement.objects.filter(state=Statement.State.APPROVED, payable_minor__gt=0).count(),
                "desk_statements",
                "?state=approved",
            ),
            (
                _("Commissions on hold"),
                Accrual.objects.filter(state=Accrual.State.HELD).count(),
                "desk_orders",
                "?state=held",
            ),
        ]
        return {**super().get_context_data(**kwargs), "tiles": tiles}
