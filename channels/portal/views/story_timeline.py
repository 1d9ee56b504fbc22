"""The time line of a credited order: what happened, from the first touch to the payout, in the partner's words."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from channels.commissions.models import Accrual, PayoutAttempt, Statement
from channels.contracts import Channel, OrderEventKind
from channels.journeys.selectors.timeline import Event
from channels.partners.models import ChannelPartner
from channels.portal import numbers, wording
from channels.portal.selectors import money
from channels.portal.selectors.story import Change, Story, Touch, Whose

Item = dict[str, Any]


def items(partner: ChannelPartner, told: Story, settlements: list[money.Settlement], now: datetime) -> list[Item]:
    """Return the items of `components/timeline.html`, the earliest first."""
    found = [*_touches(told), *_order_items(told), *_released(partner, told, now), *_settled(settlements)]
    return sorted(found, key=lambda item: item["when"])


def _touches(told: Story) -> Iterator[Item]:
    for touch in told.touches:
        if touch.whose == Whose.OTHER:
            yield {"when": touch.at, "title": _("Another partner was in touch with the customer"), "icon": "users"}
        elif touch.whose == Whose.SUPPLIER:
            yield {
                "when": touch.at,
                "title": _("The supplier's own marketing"),
                "text": touch.kind,
                "icon": "building",
            }
        else:
            yield _own_touch(touch, told)


def marks(told: Story) -> Iterator[Event]:
    """What the drawing shows; whatever is another partner's stays "another partner"."""
    lanes = {Whose.OWN: _("You"), Whose.OTHER: _("Other partners"), Whose.SUPPLIER: _("The supplier")}
    tones = {Whose.OWN: "partner", Whose.OTHER: "other", Whose.SUPPLIER: "own"}
    for touch in told.touches:
        label = touch.kind or lanes[touch.whose]
        is_faint = touch.whose == Whose.OWN and not touch.counted
        yield Event(touch.at, lanes[touch.whose], label, tones[touch.whose], is_faint=is_faint)
    yield from _order_marks(told)


def _order_marks(told: Story) -> Iterator[Event]:
    lane = _("The order")
    yield Event(told.order.placed_at, lane, _("Ordered"), "order")
    for event in told.events:
        yield Event(event.at, lane, event.get_kind_display(), "order")
    for at, amount in sorted({(row.accrued_at, row.amount_minor) for row in told.ledger.accruals}):
        yield Event(at, _("Your commission"), numbers.money(amount, told.order.currency), "money")


def _own_touch(touch: Touch, told: Story) -> Item:
    where = " · ".join(filter(None, (touch.medium, _("campaign “%s”") % touch.campaign if touch.campaign else "")))
    return {
        "when": touch.at,
        "title": _("Your touch: %(kind)s") % {"kind": touch.kind},
        "text": f"{where}. {_without(touch, told)}",
        "icon": "link",
        "tone": "accent",
        "tag": "" if touch.counted else _("not counted"),
        "tag_tone": "neutral",
    }


def _without(touch: Touch, told: Story) -> str:
    """What the partner would have had without this touch, in one or two sentences."""
    if not touch.counted:
        return _("It lies outside what the policy counts, and made no difference.")
    if not touch.changes:
        return _("Without this touch nothing would have changed.")
    shares = "; ".join(dict.fromkeys(_share_change(change) for change in touch.changes))
    if touch.earned is None:
        return _("Without this touch your share would have been %(shares)s.") % {"shares": shares}
    currency = told.order.currency
    return _(
        "Without this touch you would have earned %(rest)s instead of %(had)s: your share would have been %(shares)s."
    ) % {
        "rest": numbers.money(touch.earned[1], currency),
        "had": numbers.money(touch.earned[0], currency),
        "shares": shares,
    }


def _share_change(change: Change) -> str:
    return _("%(without)s instead of %(with)s (%(type)s)") % {
        "without": numbers.percent(change.without_bp),
        "with": numbers.percent(change.with_bp),
        "type": wording.type_label(change.type),
    }


def _order_items(told: Story) -> Iterator[Item]:
    order = told.order
    if order.cycle:
        title = _("The contract was renewed (renewal %(cycle)d)") % {"cycle": order.cycle}
    elif order.channel == Channel.DIRECT:
        title = _("The customer ordered directly")
    elif told.is_chosen:
        title = _("The customer ordered through you")
    else:
        title = _("The customer ordered through another partner")
    yield {
        "when": order.placed_at,
        "title": title,
        "text": order.get_medium_display(),
        "icon": "basket",
        "tone": "primary",
    }
    for event in told.events:
        yield {"when": event.at, **_told(OrderEventKind(event.kind))}
    yield from _rejected(told)
    yield from _earned(told)


def _told(kind: OrderEventKind) -> Item:
    if kind == OrderEventKind.PAID:
        return {"title": _("The customer paid"), "icon": "check"}
    if kind == OrderEventKind.UNPAID:
        return {"title": _("The customer's bank took the payment back"), "icon": "refresh", "tone": "error"}
    return {"title": _("The order was delivered"), "icon": "truck"}


def _rejected(told: Story) -> Iterator[Item]:
    """One item per decision, however many lines it is about."""
    decisions = {(row.at, row.reason) for part in told.parts if (row := part.rejection)}
    for at, reason in sorted(decisions):
        yield {
            "when": at,
            "title": _("A person looked at your credit and rejected it"),
            "text": reason,
            "icon": "error",
            "tone": "error",
        }


def _earned(told: Story) -> Iterator[Item]:
    """One item per rating: what it added, and what it took back."""
    sums: dict[tuple[int, bool], tuple[datetime, int]] = {}
    for accrual in told.ledger.accruals:
        slot = (accrual.run_id, accrual.amount_minor < 0)
        sums[slot] = (accrual.accrued_at, sums.get(slot, (accrual.accrued_at, 0))[1] + accrual.amount_minor)
    for (_run, is_back), (at, amount) in sums.items():
        text = numbers.money(amount, told.order.currency)
        title = _("Taken back: %(amount)s") if is_back else _("You earned %(amount)s")
        yield {
            "when": at,
            "title": title % {"amount": text},
            "icon": "refresh" if is_back else "percent",
            "tone": "error" if is_back else "success",
            "text": _("After a refund, a cancellation or a new decision.") if is_back else "",
        }


def _released(partner: ChannelPartner, told: Story, now: datetime) -> Iterator[Item]:
    sums: dict[datetime, int] = {}
    for entry in money.released(partner, told.order):
        sums[entry.posting.booked_at] = sums.get(entry.posting.booked_at, 0) - entry.amount_minor
    for at, released in sums.items():
        amount = numbers.money(released, told.order.currency)
        yield {
            "when": at,
            "title": _("The hold ended: %(amount)s became payable") % {"amount": amount},
            "icon": "clock",
        }
    for until, left in _still_held(told.ledger.accruals).items():
        amount = numbers.money(left, told.order.currency)
        title = _("The hold ends: %(amount)s becomes payable") % {"amount": amount}
        yield {
            "when": until,
            "title": title,
            "icon": "clock",
            "tag": _("to come") if until > now else "",
            "tag_tone": "info",
        }


def _still_held(accruals: list[Accrual]) -> dict[datetime, int]:
    left: dict[datetime, int] = {}
    for accrual in accruals:
        origin = accrual.reverses or accrual
        if origin.state == Accrual.State.HELD and origin.hold_until:
            left[origin.hold_until] = left.get(origin.hold_until, 0) + accrual.amount_minor
    return {until: amount for until, amount in left.items() if amount}


def _settled(settlements: list[money.Settlement]) -> Iterator[Item]:
    payers: dict[int, Statement] = {}
    for row in settlements:
        found = row.statement
        yield {
            "when": found.closed_at,
            "title": _("On statement %(number)s") % {"number": found.number},
            "href": reverse("portal:statement", args=[found.number]),
            "icon": "file",
        }
        if row.settled_by:
            payers[row.settled_by.pk] = row.settled_by
    for payer in payers.values():
        yield from _attempts(payer)


def _attempts(payer: Statement) -> Iterator[Item]:
    payout = getattr(payer, "payout", None)
    if payout is None:
        return
    for attempt in payout.attempts.all():
        came_back = attempt.state == PayoutAttempt.State.RETURNED
        amount = numbers.money(payout.amount_minor, payout.currency)
        title = _("Paid out with %(number)s") if not came_back else _("A payment of %(number)s came back from the bank")
        yield {
            "when": attempt.at,
            "title": title % {"number": payer.number},
            "text": _("%(amount)s for the whole statement, reference %(reference)s")
            % {"amount": amount, "reference": attempt.reference or "–"},
            "icon": "warning" if came_back else "check-circle",
            "tone": "error" if came_back else "success",
            "href": reverse("portal:statement", args=[payer.number]),
        }
