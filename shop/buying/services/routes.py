"""Whether a customer may order this way: what the store does for it decides."""

from channels.contracts import Channel
from shop.buying.errors import MayNotOrder
from shop.segments import wording
from shop.segments.selectors import Standing


def require_route(standing: Standing, *, channel: Channel, cycle: int) -> None:
    """Raise MayNotOrder for a way to order that is closed; a running contract renews as it was agreed."""
    if not cycle and channel not in standing.routes:
        raise MayNotOrder(wording.refusal(standing.mode))
