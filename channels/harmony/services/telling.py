"""What partners are told about harmony."""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_noop

from channels.core.ids import key
from channels.core.money import from_minor
from channels.harmony.models import GuardCheck
from channels.notices.services import tell

EXTENDED = "promotion_extended"
TOPPED_UP = "topped_up"


def promotion_extended(
    *, check: GuardCheck, prices: Mapping[tuple[int, str, str], int], starts: datetime, at: datetime
) -> None:
    """One notice per partner, however many products."""
    by_partner: dict[int, list[str]] = {}
    for (partner, sku, currency), minor in sorted(prices.items()):
        by_partner.setdefault(partner, []).append(f"{sku}: {from_minor(minor, currency)} {currency}")
    for partner, lines in by_partner.items():
        params = {
            "promotion": check.label,
            "from": starts.date().isoformat(),
            "until": check.until.date().isoformat() if check.until else "–",
            "prices": "; ".join(lines),
        }
        tell(
            partner_id=partner,
            kind=EXTENDED,
            subject=gettext_noop("Your buy price falls for a promotion"),
            body=gettext_noop(
                "We sell more cheaply for a while, and you buy more cheaply for as long. Promotion: %(promotion)s, "
                "from %(from)s until %(until)s. Your buy prices: %(prices)s."
            ),
            path=reverse("portal:guarantee"),
            key=key(EXTENDED, check.pk, partner),
            at=at,
            params=params,
        )
