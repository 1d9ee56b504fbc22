"""Who may earn on an order, and whose credit waits for a person to look at it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from channels.journeys.engine.decision import Skip
from channels.journeys.engine.facts import IdentityFact, Journey, PartnerFact, Touch
from channels.journeys.engine.policy import PolicyTerms
from channels.journeys.engine.wording import skip

ACTIVE = "active"
SUSPENDED = "suspended"
TERMINATED = "terminated"


def refusal(journey: Journey, code: str) -> Skip | None:
    """Why this partner earns no new credit on the order; None when it may."""
    partner = journey.partner(code)
    if partner is None:
        return skip(code, "unknown_partner")
    if partner.status == ACTIVE or in_tail(partner, journey.order.placed_at):
        return None
    if partner.status in (SUSPENDED, TERMINATED):
        return skip(code, partner.status)
    return skip(code, "not_active")


def in_tail(partner: PartnerFact, at: datetime) -> bool:
    """A terminated agreement still earns until its tail ends; a suspended one never does."""
    return partner.status == TERMINATED and partner.tail_until is not None and at < partner.tail_until


def eligible_touches(journey: Journey, terms: PolicyTerms) -> tuple[tuple[Touch, ...], tuple[Skip, ...]]:
    """Partner touches inside (order - window, order], in a canonical order, and who fell out.

    A touch at the very moment of the order counts; one exactly a window old does not.
    """
    placed_at = journey.order.placed_at
    opens_at = placed_at - timedelta(days=terms.window_days)
    by_partner = [touch for touch in journey.touches if touch.partner is not None and touch.at <= placed_at]
    inside = [touch for touch in by_partner if touch.at > opens_at]
    present = {touch.partner for touch in inside}
    skipped = [
        skip(code, "outside_window", days=str(terms.window_days))
        for code in partner_codes(by_partner)
        if code not in present
    ]
    refused = {code: refusal(journey, code) for code in partner_codes(inside)}
    skipped += [found for found in refused.values() if found is not None]
    allowed = [touch for touch in inside if touch.partner is not None and refused[touch.partner] is None]
    return tuple(sorted(allowed, key=lambda touch: (touch.at, touch.partner or "", touch.id))), tuple(skipped)


def partner_codes(touches: Iterable[Touch]) -> list[str]:
    return sorted({touch.partner for touch in touches if touch.partner is not None})


def self_referral(journey: Journey, code: str, terms: PolicyTerms) -> str:
    """The first thing which the partner and the customer have in common, or ""."""
    partner = journey.partner(code)
    if partner is None:
        return ""
    customer: IdentityFact = journey.order.customer
    matches = {
        "same_user": bool(partner.member_user_ids & customer.user_ids),
        "same_company": _same(partner.company, customer.company),
        "same_vat_id": _same(partner.vat_id.replace(" ", ""), customer.vat_id.replace(" ", "")),
        "same_bank_account": partner.shares_account and journey.order.end_customer is None,
        "same_email_domain": _same_domain(partner, customer, terms),
    }
    return next((name for name, found in matches.items() if found), "")


def _same(one: str, other: str) -> bool:
    return bool(one) and one.casefold() == other.casefold()


def _same_domain(partner: PartnerFact, customer: IdentityFact, terms: PolicyTerms) -> bool:
    domain = customer.email_domain.casefold()
    free = {name.casefold() for name in terms.free_mail}
    return bool(domain) and domain not in free and domain in {name.casefold() for name in partner.domains}
