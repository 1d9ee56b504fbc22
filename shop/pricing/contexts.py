"""Who asks for prices, and when: everything besides the product that a price may depend on."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from channels.contracts import Channel
from shop.catalogue.visibility import shows_gross
from shop.pricing import gating


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceContext:
    """A company ('' for nobody in particular) that buys through a channel, in a currency, at a moment.

    Without `sees_prices` the resolver answers nothing. A company `is_waiting` that is not approved, or not any more.
    """

    at: datetime
    company_key: str = ""
    channel: Channel = Channel.DIRECT
    currency: str = settings.OSCAR_DEFAULT_CURRENCY
    sees_prices: bool = True
    is_waiting: bool = False
    includes_vat: bool = False  # how pages show prices; what is ordered is priced net

    @property
    def is_customer(self) -> bool:
        """Whether prices that are for customers only are shown."""
        return bool(self.company_key) and not self.is_waiting

    @property
    def on(self) -> date:
        """The store's day: lists, entries and contracts are valid by day."""
        return timezone.localdate(self.at)


def of_request(request: Any) -> PriceContext:
    """Return the context of a visitor, the same for a whole request; None is somebody about whom nothing is known.

    No query where the request knows its company's status.
    """
    company_key = getattr(request, "company_key", "")
    kept: PriceContext | None = getattr(request, "_price_context", None)
    if kept is not None and kept.company_key == company_key:
        return kept
    is_customer = gating.is_customer(company_key=company_key, status=getattr(request, "company_status", ""))
    found = PriceContext(
        at=timezone.now(),
        company_key=company_key,
        sees_prices=gating.sees_prices(is_customer=is_customer),
        is_waiting=bool(company_key) and not is_customer,
        includes_vat=shows_gross(company_key),
    )
    if request is not None:
        request._price_context = found
    return found
