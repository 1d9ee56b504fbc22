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

    from channels.portal import header
    from channels.portal.access import seat_of

    if request is not None:
        header.remember(request, user_id=user.pk, is_member=seat_of(user) is not None, now=timezone.now())
