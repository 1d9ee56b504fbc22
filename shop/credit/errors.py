"""Why nothing can be bought on credit, in words for the buyer."""

from decimal import Decimal

from django.utils.translation import gettext as _

from shop.buying.errors import CannotPlace


class CreditRefused(CannotPlace):
    """The order cannot be bought on invoice; another way of payment may do."""


class CreditExceeded(CreditRefused):
    """More than is left of the limit."""

    def __init__(self, *, available: Decimal, currency: str) -> None:
        self.available, self.currency = available, currency
        text = _(
            "This is more than your company's credit: %(left)s %(currency)s are left. "
            "Pay open invoices, choose another way of payment, or ask us for a higher limit."
        )
        super().__init__(text % {"left": max(available, Decimal("0.00")), "currency": currency})


class CreditOnHold(CreditRefused):
    """Nothing goes on invoice until the hold ends."""

    def __init__(self, *, is_overdue: bool) -> None:
        super().__init__(
            _("Invoices of your company are overdue. Pay them, or choose another way of payment for this order.")
            if is_overdue
            else _("Your company cannot buy on invoice at the moment. Choose another way of payment, or call us.")
        )


class CreditChangeRefused(ValueError):
    """The change makes no sense for this account; the message says what would."""
