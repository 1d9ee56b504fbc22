"""What the header and footer of every page may ask."""

from functools import partial

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from channels.portal import header
from channels.portal.access import seat_of


def portal(request: HttpRequest) -> dict[str, object]:
    """Give `partner_portal`: true for people of a channel partner. Looked up only by pages that ask for it."""
    return {"partner_portal": SimpleLazyObject(partial(_is_member, request))}


def _is_member(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return False
    now = timezone.now()
    known = header.remembered(request, now=now)
    if known is None:
        known = seat_of(user) is not None
        header.remember(request, user_id=user.pk, is_member=known, now=now)
    return known
