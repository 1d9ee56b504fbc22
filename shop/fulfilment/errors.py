"""Why nothing is shipped; each carries a sentence for whoever pressed the button."""

from django.utils.translation import gettext as _


class NotShippable(Exception):
    """The units cannot leave; str() says why."""


class Withheld(NotShippable):
    """The order waits for money, or its company is on hold."""


class MoreThanLeft(NotShippable):
    def __init__(self, *, title: str, left: int) -> None:
        super().__init__(_("“%(title)s”: only %(left)d are left to ship.") % {"title": title, "left": left})


class NotDeliverable(Exception):
    """The day lies before the order or the shipment, or in the future."""
