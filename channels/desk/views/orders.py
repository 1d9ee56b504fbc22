"""Credited orders and why; what failed or waits for a person."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.commissions.models import Accrual, RatingRun
from channels.commissions.selectors.earnings import failed_ratings, open_reviews
from channels.commissions.selectors.explanation import explain_order
from channels.commissions.services import rating, reviews
from channels.desk.forms import OrderFilter
from channels.desk.journey import journey
from channels.desk.pages import DeskAct, DeskList, DeskTemplate
from channels.journeys.models import AttributionRun, OrderRecord
from channels.journeys.selectors import wording
from channels.journeys.services import attribution
from channels.partners.models import ChannelPartner

VIEW = "channels_journeys.view_orderrecord"


class OrderList(DeskList):
    """Placed orders with their channel, step and commission."""

    permission = VIEW
    page_title = gettext_lazy("Credited orders")
    template_name = "channels/desk/order_list.html"
    filter_form = OrderFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[OrderRecord]:
        accruals = Accrual.objects.filter(order=OuterRef("pk")).order_by()
        total = accruals.values("order").annotate(total=Sum("amount_minor")).values("total")
        found = OrderRecord.objects.select_related("company", "chosen_partner").annotate(
            commission_minor=Coalesce(Subquery(total), 0)
        )
        if query := wanted.pop("q", ""):
            found = found.filter(Q(number__icontains=query) | Q(company__name__icontains=query))
        if partner := wanted.pop("partner", None):
            credited = AttributionRun.objects.filter(order=OuterRef("pk"), credits__partner=partner)
            found = found.filter(Exists(credited))
        if state := wanted.pop("state", ""):
            found = found.filter(Exists(accruals.filter(state=state)))
        runs = AttributionRun.objects.order_by("-sequence")
        return found.filter(**wanted).prefetch_related(Prefetch("attribution_runs", runs)).order_by("-placed_at", "-pk")


class OrderDetail(DeskTemplate):
    """One order explained from touch to payout."""

    permission = VIEW
    act_permission = "channels_journeys.change_attributionrun"
    template_name = "channels/desk/order_detail.html"
    trail = (("desk_orders", gettext_lazy("Credited orders")),)

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        orders = OrderRecord.objects.select_related("company", "chosen_partner")
        self.order = get_object_or_404(orders, number=kwargs["number"])

    def get_page_title(self) -> str:
        return self.order.number

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "order": self.order,
            "lines": self.order.lines.all(),
            "story": explain_order(number=self.order.number),
            "journey": journey(self.order),
            "may_override": self.request.user.has_perm("channels_journeys.add_override"),
            "overrides": self.order.overrides.select_related("proposed_by", "decided_by"),
            "disputes": self.order.disputes.select_related("partner"),
            "runs": [_told(run) for run in self.order.attribution_runs.select_related("policy").order_by("-sequence")],
        }


def _told(run: AttributionRun) -> dict[str, Any]:
    """Return a run with a sentence per line: the step taken, and why others were passed over."""
    names = dict(ChannelPartner.objects.values_list("code", "name"))
    lines = [
        {
            "line": row["line"],
            "why": wording.why(row["why"], names),
            "skips": [wording.skip(skipped, names) for skipped in row["skips"]],
        }
        for row in run.explanation.get("lines", [])
    ]
    return {"run": run, "lines": lines}


class FailureList(DeskTemplate):
    """Attributions and ratings that failed or wait, oldest first."""

    permission = "channels_journeys.view_attributionrun"
    act_permission = "channels_journeys.change_attributionrun"
    page_title = gettext_lazy("Failed attributions")
    template_name = "channels/desk/failure_list.html"
    LIMIT = 200

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        runs = AttributionRun.objects.exclude(state=AttributionRun.State.DONE).select_related("order__company")
        return {
            **super().get_context_data(**kwargs),
            "attributions": runs.order_by("created_at", "pk")[: self.LIMIT],
            "ratings": failed_ratings()[: self.LIMIT],
        }


class RetryAttribution(DeskAct):
    """Try one attribution again."""

    permission = "channels_journeys.change_attributionrun"

    def act(self, now: datetime, reason: str, *, pk: int) -> str:
        run = get_object_or_404(AttributionRun.objects.select_related("order"), pk=pk)
        run = attribution.retry(run_id=run.pk, now=now, actor=self.request.user)
        if run.state == AttributionRun.State.FAILED:
            return _("Order %(order)s failed again: %(error)s") % {
                "order": run.order.number,
                "error": run.last_error[:200],
            }
        return _("Order %s is attributed.") % run.order.number

    def back(self, *, pk: int) -> str:
        return reverse("desk_failures")


class RetryRating(DeskAct):
    """Try one rating again."""

    permission = "channels_journeys.change_attributionrun"

    def act(self, now: datetime, reason: str, *, pk: int) -> str:
        run = get_object_or_404(RatingRun.objects.select_related("order"), pk=pk)
        rating.rate(run_id=run.pk, now=now)
        run.refresh_from_db()
        if run.state == RatingRun.State.DONE:
            return _("Order %s is rated.") % run.order.number
        return _("Order %(order)s was not rated: %(error)s") % {
            "order": run.order.number,
            "error": run.last_error[:200],
        }

    def back(self, *, pk: int) -> str:
        return reverse("desk_failures")


class ReviewList(DeskList):
    """Accruals held because the partner may have referred itself."""

    permission = "channels_commissions.view_accrual"
    act_permission = "channels_commissions.change_accrual"
    page_title = gettext_lazy("Held for review")
    template_name = "channels/desk/review_list.html"

    def rows(self, wanted: dict[str, Any]) -> QuerySet[Accrual]:
        return open_reviews().select_related("credit", "order__company").order_by("accrued_at", "pk")


class ClearReview(DeskAct):
    """Let one accrual go on to its normal hold."""

    permission = "channels_commissions.change_accrual"
    refusals = (reviews.NotPossible,)

    def act(self, now: datetime, reason: str, *, pk: int) -> str:
        accrual = get_object_or_404(Accrual.objects.select_related("partner"), pk=pk)
        reviews.clear(accrual_id=accrual.pk, at=now, by=self.request.user, reason=reason)
        return _("The credit of %s goes on to its normal hold.") % accrual.partner

    def back(self, *, pk: int) -> str:
        return reverse("desk_reviews")


class RejectReview(DeskAct):
    """Refuse one credit for good: what was posted for it is taken back."""

    permission = "channels_commissions.change_accrual"
    refusals = (reviews.NotPossible,)

    def act(self, now: datetime, reason: str, *, pk: int) -> str:
        accrual = get_object_or_404(Accrual.objects.select_related("partner"), pk=pk)
        reviews.reject(accrual_id=accrual.pk, at=now, by=self.request.user, reason=reason)
        return (
            _("The credit of %s is rejected; what was held is taken back, and the partner is told.") % accrual.partner
        )

    def back(self, *, pk: int) -> str:
        return reverse("desk_reviews")
