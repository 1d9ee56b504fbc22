"""One credited order told from the first touch to the payout."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.commissions.engine.facts import POSTED_ELSEWHERE, CommissionType
from channels.commissions.models import Accrual
from channels.commissions.selectors import disputes, freezes
from channels.journeys.selectors import wording as journey_wording
from channels.journeys.selectors.timeline import drawing
from channels.portal import numbers, wording
from channels.portal.access import Capability
from channels.portal.disclosure import Disclosure
from channels.portal.selectors import money
from channels.portal.selectors.story import Part, Step, Story, story
from channels.portal.views import story_timeline
from channels.portal.views.page import PortalPage

Item = dict[str, Any]
WAITING_STATES = (Accrual.State.REVIEW, Accrual.State.HELD)


class OrderView(PortalPage):
    """Another partner's order is not found, and neither is one that nobody is credited for."""

    capability = Capability.ORDERS
    section = "orders"
    template_name = "channels/portal/order.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        told = story(self.partner, kwargs["number"])
        if told is None:
            raise Http404
        disclosure, now = self.disclosure(), timezone.now()
        shows_statements = self.seat.may(Capability.STATEMENTS)
        settlements = money.settlements(self.partner, told.order) if shows_statements else []
        total = disclosure.order_total_minor(told.order)
        return {
            "disclosure": disclosure,
            "story": told,
            "customer": disclosure.customer(told.order.company),
            "total": "" if total is None else numbers.money(total, told.order.currency),
            "channel": told.order.get_channel_display(),
            "medium": told.order.get_medium_display(),
            "earned": numbers.money(told.earned_minor, told.order.currency),
            "states": [wording.state(state) for state in told.ledger.states],
            "items": story_timeline.items(self.partner, told, settlements, now),
            "drawing": drawing(list(story_timeline.marks(told))),
            "parts": [_part(part, told, disclosure) for part in told.parts],
            "settlements": [_settlement(row) for row in settlements],
            "shows_statements": shows_statements,
            **self._dispute(told, now),
        }

    def _dispute(self, told: Story, now: datetime) -> dict[str, Any]:
        """Whether the order may be disputed, and what an open dispute means for the partner's money."""
        sees_disputes = self.seat.may(Capability.DISPUTES)
        own = disputes.open_disputes().filter(partner=self.partner, order=told.order).first()
        waits = freezes.frozen(Accrual.objects.filter(partner=self.partner, order=told.order, reverses=None))
        freeze: dict[str, Any] | None = None
        if waits.filter(state__in=WAITING_STATES).exists():
            text = _("Until it is answered, your commission on it is neither released nor paid.")
            link = {"href": reverse("portal:dispute", args=[own.number]), "number": own.number} if own else {}
            freeze = {"text": text, **(link if sees_disputes else {})}
        may = sees_disputes and own is None and disputes.is_in_time(self.partner, told.order, now=now)
        return {"may_dispute": may, "freeze": freeze}


def _part(part: Part, told: Story, disclosure: Disclosure) -> Item:
    credit = part.credit
    return {
        "anchor": f"credit-{part.line.position}-{part.type.lower()}",
        "title": disclosure.line_title(part.line),
        "quantity": disclosure.line_quantity(part.line),
        "type": wording.type_label(part.type),
        "role": journey_wording.role(credit.role) if credit else "",
        "share_bp": credit.share_bp if credit else None,
        "share": numbers.percent(credit.share_bp) if credit else "",
        "why": part.why,
        "held": "" if part.rejection else part.held,
        "rejected": part.rejection.reason if part.rejection else "",
        "is_withdrawn": credit is None and part.type not in POSTED_ELSEWHERE,
        "is_guarantee": part.type == CommissionType.TOP_UP,
        "earned": numbers.money(part.earned_minor, told.order.currency),
        "steps": [_step(step) for step in part.steps],
        # A rule that does not fit says what the order would have had to be: segment, term, category.
        "refusals": [one.text for one in part.refusals if one.fits or disclosure.shows_details],
        "pays_nothing": bool(part.refusals),
        "leaves_nothing": any(one.fits for one in part.refusals),
        "is_cancelled": not part.steps and told.ledger.why_unearned == wording.CANCELLED,
    }


def _step(step: Step) -> Item:
    accrual = step.accrual
    currency = accrual.currency
    before = "" if step.before_minor is None else numbers.money(step.before_minor, currency)
    capped = "" if step.capped_from_minor is None else numbers.money(step.capped_from_minor, currency)
    return {
        "at": accrual.accrued_at,
        "amount": numbers.money(accrual.amount_minor, currency),
        "is_reversal": step.is_reversal,
        "sum": step.sum_text,
        "before": before,
        "capped_from": capped,
        "limits": step.limits,
        "base": numbers.money(accrual.base_minor, currency),
        "rate": numbers.percent(accrual.rate_bp),
        "rule": accrual.rule_label or accrual.rule_id,
        "programme": f"{accrual.programme_version.programme.name}, {_('version')} {accrual.programme_version.version}",
        "state": wording.state(accrual.state),
        "hold_until": None if step.is_reversal else accrual.hold_until,
    }


def _settlement(row: money.Settlement) -> Item:
    payer = row.settled_by
    payout = getattr(payer, "payout", None) if payer else None
    return {
        "number": row.statement.number,
        "href": reverse("portal:statement", args=[row.statement.number]),
        "state": {
            "label": row.statement.get_state_display(),
            "tone": wording.STATEMENT_TONES[row.statement.state],
        },
        "payer": payer.number if payer and payer.pk != row.statement.pk else "",
        "payout": wording.payout_state(payout.state) if payout else None,
    }
