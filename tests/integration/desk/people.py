"""Staff of the desk, by what they may do."""

from typing import Any

from django.contrib.auth.models import Permission

from tests.factories import channels as make


def staff(*codenames: str) -> Any:
    """A person of the back office with these permissions."""
    user = make.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    return user


def channel_manager() -> Any:
    """A person with every permission on channel records."""
    apps = ("channels_partners", "channels_journeys", "channels_commissions", "channels_audit")
    user = staff()
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label__in=apps))
    return user
