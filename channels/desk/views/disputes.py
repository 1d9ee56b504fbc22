"""Disputes and claims: the queue, one of them with all that bears on it, and the steps."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.commissions.engine.disputes import OPEN_STATES, Side
from channels.commissions.models import Accrual, Dispute
from channels.commissions.selectors import disputes as selectors
from channels.commissions.selectors import freezes
from channels.commissions.selectors.explanation import explain_order
from channels.commissions.services import disputes as service
from channels.core.money import to_minor
from channels.desk.forms import DisputeFilter
from channels.desk.pages import DeskAct, DeskList, DeskTemplate
from channels.journeys.models import Touchpoint

VIEW, ACT = (f"channels_commissions.{act}_dispute" for act in ("view", "change"))


class DisputeList(DeskList):
    """What is open first, by due date."""

    permission = VIEW
    page_title = gettext_lazy("Disputes and claims")
    template_name = "channels/desk/dispute_list.html"
    filter_form = DisputeFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[Dispute]:
        found = selectors.queue()
        if query := wanted.pop("q", ""):
            words = Q(number__icontains=query) | Q(named__icontains=query) | Q(partner__name__icontains=query)
            found = found.filter(words)
        state = wanted.pop("state", "")
        if state == "current":
            found = found.filter(state__in=OPEN_STATES)
        elif state == "overdue":
            found = found.filter(pk__in=selectors.overdue(now=timezone.now()).values("pk"))
        elif state:
            found = found.filter(state=state)
        return found.filter(**wanted)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, now = super().get_context_data(**kwargs), timezone.now()
        rows = [{"dispute": row, "age": selectors.age(row, now=now)} for row in context["object_list"]]
        return {**context, "rows": rows}


class DisputeDetail(DeskTemplate):
    """What the partner says, what our records say, and the decision."""

    permission = VIEW
    act_permission = ACT
    template_name = "channels/desk/dispute_detail.html"
    trail = (("desk_disputes", gettext_lazy("Disputes and claims")),)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        found = Dispute.objects.select_related("partner", "order__company", "override", "taken_up_by", "decided_by")
        self.dispute = get_object_or_404(found, number=kwargs["number"])

    def get_page_title(self) -> str:
        return f"{self.dispute.number} · {self.dispute.partner.name}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found, user = self.dispute, self.request.user
        return {
            **super().get_context_data(**kwargs),
            "dispute": found,
            "age": selectors.age(found, now=timezone.now()),
            "thread": selectors.thread(found, for_partner=False),
            "others": selectors.same_order(found).select_related("partner"),
            "may_override": user.has_perm("channels_journeys.add_override"),
            "has_taken_it_up": found.taken_up_by_id == user.pk,
            "adjustment": getattr(found, "adjustment", None),
            **(_order_context(found) if found.order else {}),
        }


def _order_context(dispute: Dispute) -> dict[str, Any]:
    order = dispute.order
    if order is None:
        return {}
    touches = Touchpoint.objects.filter(partner=dispute.partner, company=order.company, at__lte=order.placed_at)
    days = (dispute.opened_at - order.placed_at).days
    return {
        "order": order,
        "story": explain_order(number=order.number),
        "lines": selectors.lines_of(dispute),
        "touches": touches.order_by("-at")[:50],
        "days_after": days,
        "frozen": freezes.frozen(Accrual.objects.filter(order=order, reverses=None)).select_related("partner", "line"),
        "differs": dispute.ordered_on is not None and dispute.ordered_on != order.placed_at.date(),
    }


class DisputeStep(DeskAct):
    """One step of the desk: take up, write, move the due date, reject, or uphold with an amount."""

    permission = ACT
    refusals = (service.NotPossible,)
    STEPS = ("take-up", "write", "due", "reject", "adjust")

    def act(self, now: Any, reason: str, *, number: str, step: str) -> Any:
        dispute = get_object_or_404(Dispute.objects.select_related("order"), number=number)
        if step not in self.STEPS:
            raise Http404
        data, by = self.request.POST, self.request.user
        text = data.get("text", "").replace("\x00", "")
        if step == "take-up":
            service.take_up(dispute_id=dispute.pk, at=now, by=by)
            return _("%s is under review; the partner is told.") % dispute.number
        if step == "write":
            internal = bool(data.get("internal"))
            service.write(dispute_id=dispute.pk, side=Side.DESK, text=text, at=now, by=by, is_internal=internal)
            return _("The note is kept.") if internal else _("The message is sent.")
        if step == "due":
            service.move_due(dispute_id=dispute.pk, due_on=_day(data.get("due_on", "")), reason=text, at=now, by=by)
            return _("The due date is moved; the partner is told.")
        if step == "reject":
            service.reject(dispute_id=dispute.pk, answer=text, at=now, by=by)
            return _("%s is rejected; the partner is told.") % dispute.number
        service.uphold_with_adjustment(
            dispute_id=dispute.pk,
            line_key=data.get("line", ""),
            amount_minor=_amount(data.get("amount", ""), dispute),
            answer=text,
            at=now,
            by=by,
        )
        return _("%s is upheld; the amount is booked with the next rating.") % dispute.number

    def back(self, *, number: str, step: str) -> str:
        return reverse("desk_dispute", args=[number])


def _day(text: str) -> Any:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise service.NotPossible(_("Choose a day in the future."))
    return day


def _amount(text: str, dispute: Dispute) -> int:
    try:
        amount = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 12 or dispute.order is None:
        raise service.NotPossible(_("The amount is not a number."))
    return to_minor(amount, dispute.order.currency)
