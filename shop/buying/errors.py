"""Why an order cannot be placed, each with a sentence for the buyer. Raised by the services of this app."""

from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from oscar.apps.order.exceptions import UnableToPlaceOrder


class CannotPlace(UnableToPlaceOrder):
    """The order was not placed and nothing changed; `messages` say why."""

    def __init__(self, *messages: str | Promise) -> None:
        self.messages = [str(message) for message in messages]
        super().__init__(" ".join(self.messages))


class SoldOut(CannotPlace):
    """Less stock is left than was asked for."""

    def __init__(self, *, title: str, available: int, product_id: int | None = None) -> None:
        self.title, self.available, self.product_id = title, available, product_id
        if available > 0:
            text = _("“%(title)s”: only %(available)d left in stock. Please lower the quantity.")
        else:
            text = _("“%(title)s” has just sold out. Remove it to go on.")
        super().__init__(text % {"title": title, "available": available})


class OfferGone(CannotPlace):
    """An offer's last application was taken by another order."""

    def __init__(self, name: str) -> None:
        super().__init__(_("The offer “%(name)s” has just been used up. Your total has changed.") % {"name": name})


class BasketChanged(CannotPlace):
    """What the buyer saw is not what would be ordered; one message per difference."""

    def __init__(self, differences: Sequence[str]) -> None:
        super().__init__(*differences)


class DeliveryMissing(CannotPlace):
    """Something in the basket must be shipped, and nobody said where to."""

    def __init__(self) -> None:
        super().__init__(_("Please choose a delivery address."))


class CostCentreMissing(CannotPlace):
    """The company wants a cost centre on each order, or this one is not for the buyer."""

    def __init__(self) -> None:
        super().__init__(_("Please choose the cost centre that this order is booked on."))


class OverSpendLimit(CannotPlace):
    """The order is more than the buyer may spend in the window."""

    def __init__(self, *, left: object, currency: str, window: str) -> None:
        text = _("You may still order for %(left)s %(currency)s net (your limit counts %(window)s). Ask a colleague.")
        super().__init__(text % {"left": left, "currency": currency, "window": window})


class PartnerUnavailable(CannotPlace):
    """The chosen channel partner may not sell this order (any longer)."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("%(name)s cannot take this order at the moment. Please choose how to buy again.") % {"name": name}
        )


class MayNotOrder(CannotPlace):
    """The user or the company may not order."""


class AlreadyOrdered(CannotPlace):
    """The basket was ordered by an earlier request; `order` is that order."""

    def __init__(self, order: Any) -> None:
        self.order = order
        super().__init__(_("This basket has already been ordered."))


class MethodUnavailable(MayNotOrder):
    """The chosen way to pay is not open to the company, or not to whoever orders for it."""


class PaymentUnderway(CannotPlace):
    """The basket is being paid for by an earlier `attempt`."""

    def __init__(self, attempt: Any) -> None:
        self.attempt = attempt
        super().__init__(_("This basket is being paid for already."))
