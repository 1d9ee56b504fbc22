"""Attempts and refunds that came to a halt, with the safe act for each."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.buying.errors import CannotPlace
from shop.buying.models import CheckoutAttempt
from shop.operations.back_office import StaffAct, StaffForm, StaffList, StaffTemplate
from shop.payments.errors import Mismatch, OverRefund
from shop.payments.models import Refund
from shop.treasury import stuck
from shop.treasury.pages.forms import HaltFilter, ReasonForm
from shop.treasury.pages.home import VIEW
from shop.treasury.services import unsticking

ATTEMPTS = ("stuck_attempts", gettext_lazy("Stuck attempts"))
REFUNDS = ("stuck_refunds", gettext_lazy("Stuck refunds"))
SETTLE, REFUND = "shop_treasury.settle_attempt", "shop_treasury.refund_stuck"


class AttemptList(StaffList):
    """Attempts that nothing due has moved in time, the oldest first."""

    permission_required = VIEW
    act_permission = SETTLE
    template_name = "shop/treasury/attempts.html"
    page_title = ATTEMPTS[1]
    header_icon = "warning"
    filter_form = HaltFilter

    def rows(self, *, halt: str = "", **wanted: Any) -> QuerySet[CheckoutAttempt]:
        halts = (halt,) if halt else tuple(stuck.Halt)
        rows = stuck.attempts(now=timezone.now(), halts=halts)
        return rows.select_related("company", "payment").order_by("updated_at", "pk")


class AttemptPage(StaffTemplate):
    """One attempt: its way so far, its payment, and what may be done about it."""

    permission_required = VIEW
    act_permission = SETTLE
    parent = ATTEMPTS
    template_name = "shop/treasury/attempt.html"
    header_icon = "warning"

    @cached_property
    def attempt(self) -> CheckoutAttempt:
        rows = CheckoutAttempt.objects.select_related("company", "user", "payment", "order")
        return get_object_or_404(rows, key=self.kwargs["key"])

    def get_page_title(self) -> str:
        return _("Attempt %s") % str(self.attempt.key)[:8]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_paid = self.attempt.state == CheckoutAttempt.State.PAID
        return super().get_context_data(
            **kwargs,
            attempt=self.attempt,
            events=self.attempt.events.all(),
            refunds=Refund.objects.filter(payment=self.attempt.payment_id),
            may_refund=is_paid and self.request.user.has_perm(REFUND),
        )


class AttemptSettle(StaffAct):
    """Ask Stripe, and bring the attempt to where its payment has come to."""

    permission_required = (VIEW, SETTLE)
    refusals = (unsticking.NotStuck, CannotPlace, Mismatch)

    def act(self, now: datetime, *args: Any, **kwargs: Any) -> str:
        attempt = get_object_or_404(CheckoutAttempt, key=kwargs["key"])
        settled = unsticking.settle_again(attempt_id=attempt.pk, at=now, by=self.request.user)
        return _("The attempt is now: %s.") % settled.get_state_display()

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("stuck_attempt", args=[kwargs["key"]])


class AttemptRefund(StaffForm):
    """Give the money of a paid attempt back, with the reason."""

    permission_required = (VIEW, REFUND)
    parent = ATTEMPTS
    form_class = ReasonForm
    refusals = (unsticking.NotStuck,)
    page_title = gettext_lazy("Refund now")
    submit_label = gettext_lazy("Refund now")
    success_message = gettext_lazy("The refund is on its way.")

    def act(self, form: Any, now: datetime) -> None:
        attempt = get_object_or_404(CheckoutAttempt, key=self.kwargs["key"])
        reason = form.cleaned_data["reason"]
        unsticking.refund_now(attempt_id=attempt.pk, reason=reason, at=now, by=self.request.user)

    def get_success_url(self) -> str:
        return reverse("stuck_attempt", args=[self.kwargs["key"]])


class RefundList(StaffList):
    """Refunds that failed, and those that never left."""

    permission_required = VIEW
    act_permission = REFUND
    template_name = "shop/treasury/refunds.html"
    page_title = REFUNDS[1]
    header_icon = "rotate"

    def rows(self, **wanted: Any) -> QuerySet[Refund]:
        rows = stuck.refunds(now=timezone.now())
        return rows.select_related("payment__company").order_by("requested_at", "pk")


class RefundAgain(StaffAct):
    """Ask anew for a refund that failed."""

    permission_required = (VIEW, REFUND)
    refusals = (unsticking.NotStuck, OverRefund)
    parent = REFUNDS

    def act(self, now: datetime, *args: Any, **kwargs: Any) -> str:
        refund = get_object_or_404(Refund, pk=kwargs["pk"])
        made = unsticking.refund_again(refund_id=refund.pk, at=now, by=self.request.user)
        return _("%(amount)s %(currency)s are sent again.") % {
            "amount": made.amount.normalize(),
            "currency": refund.payment.currency,
        }
