"""Payments, disputes, and the webhook's inbox."""

import json
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.operations.back_office import StaffAct, StaffList, StaffTemplate
from shop.payments import selectors
from shop.payments.desk import forms
from shop.payments.models import Dispute, Payment, WebhookEvent
from shop.payments.services import inbox

INBOX = ("webhook_inbox", gettext_lazy("Webhook inbox"))
PAYMENTS = ("payments", gettext_lazy("Payments"))


class PaymentList(StaffList):
    """All payments through Stripe, the latest first."""

    permission_required = "shop_payments.view_payment"
    template_name = "shop/payments/payments.html"
    page_title = PAYMENTS[1]
    header_icon = "decimal"
    filter_form = forms.PaymentFilter

    def rows(self, *, state: str = "", q: str = "", **wanted: Any) -> QuerySet[Payment]:
        rows = Payment.objects.select_related("company", "saved_method").annotate(n_disputes=Count("disputes"))
        if state:
            rows = rows.filter(state=state)
        if q:
            rows = rows.filter(Q(reference__icontains=q) | Q(intent_id=q) | Q(company__name__icontains=q))
        return rows.order_by("-created_at", "-pk")


class PaymentPage(StaffTemplate):
    """One payment: its history, what went back, what is disputed."""

    permission_required = "shop_payments.view_payment"
    template_name = "shop/payments/payment.html"
    parent = PAYMENTS

    def get_page_title(self) -> str:
        return _("Payment %s") % self.kwargs["key"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        payment = get_object_or_404(Payment.objects.select_related("company", "saved_method"), key=self.kwargs["key"])
        return super().get_context_data(
            **kwargs,
            payment=payment,
            events=payment.events.order_by("pk"),
            refunds=payment.refunds.select_related("requested_by"),
            disputes=payment.disputes.all(),
        )


class DisputeList(StaffList):
    """What payers' banks want back, the next answer that is due first. Answers are given at Stripe."""

    permission_required = "shop_payments.view_dispute"
    template_name = "shop/payments/disputes.html"
    page_title = gettext_lazy("Disputed payments")
    header_icon = "warning"
    filter_form = forms.DisputeFilter

    def rows(self, *, state: str = "", **wanted: Any) -> QuerySet[Dispute]:
        rows = Dispute.objects.select_related("payment__company")
        return (rows.filter(state=state) if state else rows).order_by("evidence_due_at", "-opened_at", "pk")


class InboxList(StaffList):
    """What arrived at the webhook, the latest first, with what waits counted."""

    permission_required = "shop_payments.view_webhookevent"
    act_permission = "shop_payments.replay_webhookevent"
    template_name = "shop/payments/inbox.html"
    page_title = INBOX[1]
    header_icon = "mail"
    filter_form = forms.InboxFilter

    def rows(self, *, state: str = "", kind: str = "", q: str = "", **wanted: Any) -> QuerySet[WebhookEvent]:
        rows = WebhookEvent.objects.defer("body")
        if state:
            rows = rows.filter(state=state)
        if kind:
            rows = rows.filter(kind__startswith=kind)
        if q:
            rows = rows.filter(event_id=q)
        return rows.order_by("-received_at", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        labels = dict(WebhookEvent.State.choices)
        counts = [(state, labels[state], n) for state, n in selectors.webhook_counts().items()]
        return super().get_context_data(**kwargs, counts=counts)


class InboxPage(StaffTemplate):
    """One delivery, as it came."""

    permission_required = "shop_payments.view_webhookevent"
    act_permission = "shop_payments.replay_webhookevent"
    template_name = "shop/payments/webhook_event.html"
    parent = INBOX

    def get_page_title(self) -> str:
        return _("Delivery %s") % self.kwargs["pk"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = get_object_or_404(WebhookEvent, pk=self.kwargs["pk"])
        return super().get_context_data(**kwargs, row=row, body=_readable(bytes(row.body)))


class InboxReplay(StaffAct):
    """Apply an event again; a refused delivery is verified again."""

    permission_required = ("shop_payments.view_webhookevent", "shop_payments.replay_webhookevent")

    def act(self, now: datetime, *args: Any, **kwargs: Any) -> str:
        row = get_object_or_404(WebhookEvent, pk=kwargs["pk"])
        again = inbox.replay(event_id=row.pk, by=self.request.user, at=now)  # type: ignore[arg-type]
        return _("%(event)s: %(state)s") % {"event": again, "state": again.get_state_display()}

    def back(self, *args: Any, **kwargs: Any) -> str:
        is_there = WebhookEvent.objects.filter(pk=kwargs["pk"]).exists()  # it may have proved to be another's copy
        return reverse("webhook_event", args=[kwargs["pk"]]) if is_there else reverse("webhook_inbox")


def _readable(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body.decode(errors="replace")
