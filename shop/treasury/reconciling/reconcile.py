"""All differences of a period, in a fixed number of queries."""

from collections.abc import Sequence

from channels import api
from channels.contracts import PaidOrder
from shop.treasury.reconciling import books, invoices, payments
from shop.treasury.reconciling.differences import Difference, Period


def paid_orders(period: Period) -> list[PaidOrder]:
    """Return the payments that the channels' books were told of in the period."""
    return api.paid_orders(since=period.begins, until=period.ends)


def differences(period: Period, told: Sequence[PaidOrder] | None = None) -> list[Difference]:
    """Return what does not agree, by relation and then by day; empty when everything agrees.

    `told` are the period's `paid_orders`, for who has them already.
    """
    events = paid_orders(period) if told is None else told
    return [
        *payments.of_payments(period),
        *payments.of_bookings(period),
        *payments.of_receipts(period),
        *invoices.of_orders(period),
        *invoices.of_invoices(period),
        *invoices.of_attempts(period),
        *books.of_credit_accounts(period),
        *books.of_credit_orders(period),
        *books.of_commissions(period, events),
    ]
