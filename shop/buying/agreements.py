"""What the buyer agreed to before paying, kept with the attempt: the order is placed from it without the buyer's session."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from oscar.apps.order.models import ShippingAddress

from channels.contracts import Channel, Medium
from shop.buying.models import CheckoutAttempt
from shop.buying.totals import Agreed, Seen
from shop.buying.wishes import Wish

# Fields of a wish that JSON keeps as they are.
PLAIN = ("chosen_partner", "shipping_code", "purchase_order_number", "cost_centre_id", "visitor_key", "requested_on")


def write(wish: Wish, *, priced: Any, address: Any, location: Any, at: datetime) -> dict[str, Any]:
    """Return the wish and its prices as JSON. The address is copied: the buyer's own may change meanwhile."""
    return {
        **{name: getattr(wish, name) for name in PLAIN},
        "channel": wish.channel.value,
        "medium": wish.medium.value,
        "address": _address_as_data(address) if address else None,
        "seen": asdict(priced.seen()),
        "units": {str(line.pk): str(line.purchase_info.price.excl_tax) for line in priced.basket.all_lines()},
        "shipping_net": str(priced.charge.excl_tax),
        "location_id": location.pk if location else None,
        "at": at.isoformat(),
    }


def read(attempt: CheckoutAttempt) -> Wish:
    """Return the attempt's wish, ready to be placed. Always the buyer's own: see entitlement.methods_for."""
    kept: dict[str, Any] = attempt.agreed
    return Wish(
        company=attempt.funding.company,
        user=attempt.user,
        channel=Channel(kept["channel"]),
        medium=Medium(kept["medium"]),
        payment_method=attempt.method,
        shipping_address=ShippingAddress(**kept["address"]) if kept["address"] else None,
        expected=Seen.from_dict(kept["seen"]),
        agreed=Agreed(
            at=datetime.fromisoformat(kept["at"]),
            units={int(pk): Decimal(net) for pk, net in kept["units"].items()},
            shipping_net=Decimal(kept["shipping_net"]),
            location_id=kept["location_id"],
        ),
        **{name: kept[name] for name in PLAIN},
    )


def _address_as_data(address: Any) -> dict[str, Any]:
    copy = ShippingAddress()
    address.populate_alternative_model(copy)
    fields = [field for field in ShippingAddress._meta.concrete_fields if not field.primary_key]
    return {field.attname: field.value_to_string(copy) for field in fields if getattr(copy, field.attname)}
