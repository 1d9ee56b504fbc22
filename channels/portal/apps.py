from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class PortalConfig(AppConfig):
    name = "channels.portal"
    label = "channels_portal"

    def ready(self) -> None:
        user_logged_in.connect(note_login, dispatch_uid="portal.note_login")


def note_login(*, request: Any, user: Any, **kwargs: Any) -> None:
    """Look the membership up at login, when the session is written anyway."""
    from django.utils import timezone
    from django.utils.translation import get_language

    from channels.partners.services import members
    from channels.portal import header
    from channels.portal.access import seat_of

    if request is not None:
        seat = seat_of(user)
        header.remember(request, user_id=user.pk, is_member=seat is not None, now=timezone.now())
        if seat is not None:
            members.note_language(member=seat.member, language=get_language() or "")
