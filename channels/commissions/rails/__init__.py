"""The rails on which money travels, by name. Nothing in here touches the database."""

from collections.abc import Callable

from django.conf import settings

from channels.commissions.rails.manual import Manual
from channels.commissions.rails.protocol import Rail
from channels.commissions.rails.sepa import Sepa
from channels.commissions.rails.stripe_connect import StripeConnect

_RAILS: dict[str, Callable[[], Rail]] = {"stripe": StripeConnect, "sepa": Sepa, "manual": Manual}


def rail(name: str) -> Rail:
    return _RAILS[name]()


def offered() -> list[str]:
    """Return the rails that this store is set up for; a transfer by hand always works."""
    ready = {"stripe": bool(settings.STRIPE_SECRET_KEY), "sepa": bool(settings.PAYOUT_DEBTOR_IBAN)}
    return [name for name in _RAILS if ready.get(name, True)]
