"""Why a return does not go on; each carries a sentence for whoever asked."""

from decimal import Decimal

from django.utils.translation import gettext as _


class ReturnRefused(Exception):
    """Nothing was changed; str() says why and what to do instead."""


class NotNow(ReturnRefused):
    """Somebody was faster, or the page is out of date."""

    def __init__(self, reference: str) -> None:
        super().__init__(_("%s has been changed in the meantime. Look again.") % reference)


class FourEyes(ReturnRefused):
    """Whoever granted money may not release it too."""

    def __init__(self, *, limit: Decimal, currency: str) -> None:
        text = _("You granted this refund. Above %(limit)s %(currency)s somebody else has to release it.")
        super().__init__(text % {"limit": limit, "currency": currency})
