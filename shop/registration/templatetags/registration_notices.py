"""What the account's overview says of a registration, and of people who ask to join."""

from typing import Any

from django import template

from shop.companies.selectors import membership_of
from shop.registration import selectors
from shop.registration.models import Application

register = template.Library()
State = Application.State
SETTLED = (State.APPROVED, State.JOINED)


@register.inclusion_tag("shop/registration/notices.html", takes_context=True)
def registration_notices(context: dict[str, Any]) -> dict[str, Any]:
    """Show where the own application stands until it is settled, and how many ask to join."""
    request = context["request"]
    application = selectors.application_of(request.user)
    return {
        "application": application if application and application.state not in SETTLED else None,
        "asking": selectors.join_requests_for(membership_of(request)).count(),
    }


@register.inclusion_tag("shop/registration/join_link.html", takes_context=True)
def join_requests_link(context: dict[str, Any]) -> dict[str, Any]:
    """Lead whoever lets people in to those who ask, with their number."""
    member = context["request"].membership
    return {"may_decide": selectors.lets_in(member), "asking": selectors.join_requests_for(member).count()}
