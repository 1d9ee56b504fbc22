"""Paying approved statements, and payments that came back."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.commissions.models import Payout, Statement
from channels.commissions.services import payouts
from channels.desk.forms import PaymentForm
from channels.desk.pages import DeskAct, DeskForm
from channels.desk.views.money import STATEMENT_TRAIL


class PayStatement(DeskForm):
    """Record the transfer that pays an approved statement."""

    permission = "channels_commissions.add_payout"
    form_class = PaymentForm
    trail = STATEMENT_TRAIL
    refusals = (payouts.NotApproved, payouts.NothingOwed, payouts.WrongState)
    submit_label = gettext_lazy("Record the payment")
    success_message = gettext_lazy("Payment recorded; the partner sees it as paid.")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.statement = get_object_or_404(Statement, number=kwargs["number"])

    def get_page_title(self) -> str:
        return _("Pay %s") % self.statement.number

    def act(self, data: dict[str, Any], now: datetime) -> None:
        payout = payouts.create(statement_id=self.statement.pk, at=now, by=self.request.user)
        payouts.record_payment(payout_id=payout.pk, reference=data["reference"], at=now, by=self.request.user)

    def get_success_url(self) -> str:
        return reverse("desk_statement", args=[self.statement.number])


class ReturnPayout(DeskAct):
    """Record that the bank sent a payment back: the amount is owed again."""

    permission = "channels_commissions.change_payout"
    refusals = (payouts.WrongState,)

    def act(self, now: datetime, reason: str, *, number: str) -> str:
        payout = get_object_or_404(Payout, statement__number=number)
        payouts.returned(payout_id=payout.pk, at=now, reason=reason or _("Returned by the bank"), by=self.request.user)
        return _("The payment came back; the amount is payable again.")

    def back(self, *, number: str) -> str:
        return reverse("desk_statement", args=[number])
