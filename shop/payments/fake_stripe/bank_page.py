"""The banks' side of the demo: let debits arrive, open and decide disputes, and deliver webhooks as badly as networks do."""

import random
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.operations.back_office import StaffAct, StaffTemplate
from shop.payments.fake_stripe import bank, deliveries
from shop.payments.models import Dispute, FakeObject, Payment

PARENT = ("fake_bank", gettext_lazy("Test bank"))
MOST_SHOWN = 20


class BankPage(StaffTemplate):
    """What waits for a bank, and what was not delivered yet."""

    permission_required = "shop_payments.replay_webhookevent"
    act_permission = permission_required
    template_name = "payments/fake_bank.html"
    page_title = PARENT[1]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        payments = Payment.objects.select_related("company")
        return super().get_context_data(
            **kwargs,
            debits=payments.filter(intent_id__in=_underway())[:MOST_SHOWN],
            paid=payments.filter(state=Payment.State.SUCCEEDED, disputes=None)[:MOST_SHOWN],
            disputes=Dispute.objects.exclude(state__in=("won", "lost")).select_related("payment__company")[:MOST_SHOWN],
            waiting=len(deliveries.waiting()),
        )


class BankAct(StaffAct):
    """One thing that a bank, or the network, does."""

    permission_required = BankPage.permission_required
    parent = PARENT

    def act(self, now: datetime, *args: Any, **kwargs: Any) -> str:
        what, name = self.request.POST.get("what", ""), self.request.POST.get("name", "")
        if what == "settle" and name in _underway():
            bank.settle(name)
            return _("The bank has decided. Stripe's webhook waits to be delivered.")
        if what == "dispute" and Payment.objects.filter(intent_id=name, state="succeeded", disputes=None).exists():
            bank.dispute(name)
            return _("The payment is disputed. Stripe's webhook waits to be delivered.")
        if what in ("under_review", "won", "lost") and Dispute.objects.filter(dispute_id=name).exists():
            bank.turn_dispute(name, what)
            return _("The bank has decided. Stripe's webhook waits to be delivered.")
        if what in ("deliver", "shuffle", "lose"):
            return _("Webhooks delivered: %(n)d") % {"n": _deliver(what, now)}
        raise Http404


def _underway() -> list[str]:
    rows = FakeObject.objects.filter(kind="payment_intent", data__status="processing")
    return list(rows.values_list("pk", flat=True))


def _deliver(how: str, now: datetime) -> int:
    """In order and once each; each twice and in no order; or never."""
    events = deliveries.take_waiting()
    if how == "lose":
        return 0
    if how == "shuffle":
        events = random.sample(events * 2, k=2 * len(events))
    for event in events:
        deliveries.deliver(event, at=now)
    return len(events)
