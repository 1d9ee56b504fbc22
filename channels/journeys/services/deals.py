"""Deal registrations as whoever approves them tells of them."""

from django.db import transaction

from channels.contracts import DealFacts
from channels.journeys.models import DealProtection
from channels.journeys.services.identity import upsert_company
from channels.partners.models import ChannelPartner


class UnknownPartner(ValueError):
    """The deal names a partner that does not exist."""


@transaction.atomic
def record_deal(facts: DealFacts) -> bool:
    """Keep an approved deal; False when it was known. Orders placed before are not credited anew."""
    partner = ChannelPartner.objects.filter(code=facts.partner_code).first()
    if partner is None:
        raise UnknownPartner(facts.partner_code)
    _deal, is_new = DealProtection.objects.get_or_create(
        key=facts.key,
        defaults={
            "company": upsert_company(facts.company),
            "partner": partner,
            "segment": facts.segment,
            "protected_from": facts.protected_from,
            "protected_until": facts.protected_until,
        },
    )
    return is_new
