"""Site profiles: what the store does for whom."""

from django.db import transaction

from shop.segments.engine.profiles import NET
from shop.segments.models import CustomerGroup, SiteProfile
from shop.segments.services.visibility import announce


@transaction.atomic
def save(*, group: CustomerGroup | None, segment: str, country: str, mode: str, prices: str = NET) -> SiteProfile:
    """Set the mode, and how prices are shown, for a group or a segment, in a country or in all; without any, for everyone."""
    profile, _created = SiteProfile.objects.update_or_create(
        group=group, segment=segment, country=country, defaults={"mode": mode, "prices": prices}
    )
    announce()
    return profile


@transaction.atomic
def delete(*, profile_id: int) -> None:
    """Take a profile back; one that is gone already changes nothing."""
    SiteProfile.objects.filter(pk=profile_id).delete()
    announce()
