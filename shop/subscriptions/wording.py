"""The history of a subscription in words."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from oscar.templatetags.currency_filters import currency as money

from shop.subscriptions.models import RenewalReview, Subscription, SubscriptionEvent

Kind = SubscriptionEvent.Kind
TONES = {
    Kind.RENEWED: ("refresh", "success"),
    Kind.RESUMED: ("check", "success"),
    Kind.PAYMENT_FAILED: ("card", "error"),
    Kind.PAYMENT_ACTION: ("card", "accent"),
    Kind.PAST_DUE: ("info", "error"),
    Kind.SUSPENDED: ("info", "error"),
    Kind.NOT_RENEWED: ("info", "error"),
    Kind.ENDED: ("info", "error"),
    Kind.REVIEW_OPENED: ("help", "accent"),
    Kind.CANCELLED: ("info", "accent"),
}


def items(subscription: Subscription, events: Iterable[SubscriptionEvent], *, is_buyer: bool) -> list[dict[str, Any]]:
    """Return the events as the timeline component shows them; `is_buyer` links to the buyer's own pages."""
    return [_item(subscription, event, is_buyer=is_buyer) for event in events]


def _item(subscription: Subscription, event: SubscriptionEvent, *, is_buyer: bool) -> dict[str, Any]:
    icon, tone = TONES.get(Kind(event.kind), ("clock", ""))
    href = ""
    if is_buyer and event.data.get("ref"):
        href = reverse("customer:order", kwargs={"order_number": event.data["ref"]})
    who = event.by.get_full_name() or event.by.email if event.by else ""
    text = _text(subscription, event)
    return {
        "when": event.at,
        "title": event.get_kind_display(),
        "text": f"{text} ({who})" if who and text else text or who,
        "icon": icon,
        "tone": tone,
        "href": href,
    }


def _text(subscription: Subscription, event: SubscriptionEvent) -> str:
    """Return what the event's facts say; unknown ones say nothing."""
    data, currency = event.data, subscription.currency
    match event.kind:
        case Kind.NOTICE:
            return _("%(days)s days before %(day)s.") % {"days": data["days"], "day": _day(data["due"])}
        case Kind.REVIEW_OPENED:
            reason = RenewalReview.Reason(data["reason"]).label
            return _("%(reason)s. Answer by %(day)s.") % {"reason": reason, "day": _day(data["answer_by"])}
        case Kind.REVIEW_ANSWERED:
            return f"{RenewalReview.Decision(data['decision']).label}."
        case Kind.RENEWED:
            values = {
                "day": _day(data["due"]), "quantity": data["quantity"], "net": money(Decimal(data["net"]), currency),
            }  # fmt: skip
            return _("For %(day)s: %(quantity)s for %(net)s net.") % values
        case Kind.CHANGED:
            values = {
                "before": data["before"], "quantity": data["quantity"], "product": data["product"],
                "amount": money(Decimal(data["amount"]), currency),
            }  # fmt: skip
            return _("From %(before)s to %(quantity)s × %(product)s; %(amount)s net.") % values
        case Kind.CANCELLED | Kind.ALIGNED:
            return _("To %(day)s.") % {"day": _day(data["on"])}
        case Kind.METHOD:
            return str(data["method"])
    return str(data.get("reason", ""))


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "j F Y")
