"""What somebody wants to buy, and how: all that placing an order needs to know, with or without a request."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from oscar.apps.address.models import UserAddress
from oscar.apps.order.models import ShippingAddress

from channels.contracts import Channel, Medium
from shop.buying.totals import Agreed, Seen
from shop.companies.models import Company, LocationAddress

Method = Company.PaymentMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLine:
    """A line of an order that has no basket. `unit_price` (net) stands above the price of the day.

    `subscription_key` is the contract that the line renews, '' for one that it begins, None for neither.
    """

    product: Any
    quantity: int
    unit_price: Decimal | None = None
    subscription_key: str | None = ""
    options: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who buys for whom, and how. `user` may be None for orders that no person places."""

    company: Company
    user: Any
    channel: Channel
    chosen_partner: str = ""
    shipping_address: UserAddress | LocationAddress | ShippingAddress | None = None
    shipping_code: str = ""
    requested_on: str = ""  # the day of delivery that was asked for, as ISO writes it
    purchase_order_number: str = ""
    cost_centre_id: int | None = None
    placed_by: Any = None
    medium: Medium = Medium.WEB
    cycle: int = 0
    visitor_key: str = ""
    payment_method: str = Method.INVOICE
    expected: Seen | None = None
    agreed: Agreed | None = None

    @property
    def is_persons(self) -> bool:
        """Tell whether somebody pressed a button: renewals and other machines order without."""
        return self.medium == Medium.WEB or self.placed_by is not None

    @property
    def owner(self) -> Any:
        """Whose basket it is."""
        return self.placed_by or self.user
