"""Why money cannot be booked; each message says what to do."""

from decimal import Decimal

from django.utils.translation import gettext as _


class BillingError(Exception):
    """What was asked for cannot be booked; the message is for the person who asked."""


class InvoiceCancelledError(BillingError):
    """The invoice was cancelled with its order; there is nothing left to pay."""

    def __init__(self, number: str) -> None:
        super().__init__(_("Invoice %s was cancelled. There is nothing left to pay.") % number)


class OverPayment(BillingError):
    """More than is left to pay. A whole transfer belongs into a receipt, which keeps the rest as a deposit."""

    def __init__(self, *, number: str, amount: Decimal, due: Decimal, currency: str) -> None:
        values = {"number": number, "amount": f"{amount} {currency}", "due": f"{due} {currency}"}
        super().__init__(
            _(
                "Only %(due)s of invoice %(number)s is left to pay, not %(amount)s. Record the transfer as money received "
                "instead: what is too much then is the company's deposit."
            )
            % values
        )


class NothingOwed(BillingError):
    """More would be paid back than was paid too much."""

    def __init__(self, *, number: str, owed: Decimal, currency: str) -> None:
        values = {"number": number, "owed": f"{owed} {currency}"}
        super().__init__(_("%(owed)s of invoice %(number)s can be paid back, and no more.") % values)
