"""Site profiles: what the store does for whom."""

from django.db import transaction

from shop.segments.models import CustomerGroup, SiteProfile
from shop.segments.services.visibility import announce


@transaction.atomic
def save(*, group: CustomerGroup | None, segment: str, country: str, mode: str) -> SiteProfile:
    """Set the mode for a group or a segment, in a country or in all; nothing but a mode is for everyone."""
    profile, _created = SiteProfile.objects.update_or_create(
        group=group, segment=segment, country=country, defaults={"mode": mode}
    )
    announce()
    return profile


@transaction.atomic
def delete(*, profile_id: int) -> None:
    """Take a profile back; one that is gone already changes nothing."""
    SiteProfile.objects.filter(pk=profile_id).delete()
    announce()
