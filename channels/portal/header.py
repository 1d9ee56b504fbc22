"""Whether a page's header shows the way to the portal: kept in the session, so that no page asks the database."""

from datetime import datetime, timedelta

from django.http import HttpRequest

KEY = "partner_portal"
# Somebody who becomes a member while logged in sees the link after this time, or at once by opening the portal.
FRESH = timedelta(minutes=15)


def remembered(request: HttpRequest, *, now: datetime) -> bool | None:
    """Return what the session holds of this user; None when that is nothing, or too old."""
    kept = request.session.get(KEY)
    if not isinstance(kept, dict) or kept.get("user") != request.user.pk:
        return None
    age = now.timestamp() - kept["at"]
    return bool(kept["member"]) if 0 <= age < FRESH.total_seconds() else None


def remember(request: HttpRequest, *, user_id: int, is_member: bool, now: datetime) -> None:
    request.session[KEY] = {"user": user_id, "member": is_member, "at": now.timestamp()}


def correct(request: HttpRequest, *, is_member: bool, now: datetime) -> None:
    """Keep what was just found, where the session says otherwise; an unchanged session is not written."""
    kept = request.session.get(KEY)
    if not isinstance(kept, dict) or kept.get("user") != request.user.pk or kept.get("member") != is_member:
        remember(request, user_id=int(request.user.pk or 0), is_member=is_member, now=now)
