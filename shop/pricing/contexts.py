"""Who asks for prices, and when: everything besides the product that a price may depend on."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from channels.contracts import Channel
from shop.pricing import gating


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceContext:
    """A company ('' for nobody in particular) that buys through a channel, in a currency, at a moment.

    Without `sees_prices` the resolver answers nothing.
    """

    at: datetime
    company_key: str = ""
    channel: Channel = Channel.DIRECT
    currency: str = settings.OSCAR_DEFAULT_CURRENCY
    sees_prices: bool = True

    @property
    def on(self) -> date:
        """The store's day: lists, entries and contracts are valid by day."""
        return timezone.localdate(self.at)


def of_request(request: Any) -> PriceContext:
    """Return the context of a visitor, the same for a whole request; None is somebody about whom nothing is known.

    One query where prices are not public and somebody is signed in.
    """
    company_key = getattr(request, "company_key", "")
    kept: PriceContext | None = getattr(request, "_price_context", None)
    if kept is not None and kept.company_key == company_key:
        return kept
    found = PriceContext(
        at=timezone.now(), company_key=company_key, sees_prices=gating.sees_prices(company_key=company_key)
    )
    if request is not None:
        request._price_context = found
    return found
