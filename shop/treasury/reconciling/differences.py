"""What a difference is, and how the queries that find them add up."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, Func, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Round
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shop.billing.statements import midnight

MONEY = DecimalField(max_digits=16, decimal_places=3)
GRACE = timedelta(minutes=15)  # what was paid a moment ago is still on its way into orders and books


class Cause:
    """Why a row is shown; each is a (code, text) of `CAUSES`."""

    PAID_WITHOUT_ORDER = "paid-without-order"
    BOOKED_TWICE = "booked-twice"
    AMOUNT_DIFFERS = "amount-differs"
    REFUND_NOT_BOOKED = "refund-not-booked"
    REFUND_WITHOUT_CREDIT_NOTE = "refund-without-credit-note"
    BOOKED_WITHOUT_PAYMENT = "booked-without-payment"
    ORDER_WITHOUT_PAYMENT = "order-without-payment"
    ORDER_WITHOUT_INVOICE = "order-without-invoice"
    INVOICE_DIFFERS = "invoice-differs"
    PAID_SUM_DIFFERS = "paid-sum-differs"
    CREDITED_SUM_DIFFERS = "credited-sum-differs"
    CREDIT_ACCOUNT_DIFFERS = "credit-account-differs"
    CREDIT_OF_ORDER_DIFFERS = "credit-of-order-differs"
    COMMISSION_NOT_TOLD = "commission-not-told"
    COMMISSION_NOT_RATED = "commission-not-rated"


CAUSES = {
    Cause.PAID_WITHOUT_ORDER: _("Paid, and neither ordered, booked nor refunded"),
    Cause.BOOKED_TWICE: _("More is booked than was paid"),
    Cause.AMOUNT_DIFFERS: _("Another amount was paid than is booked or ordered"),
    Cause.REFUND_NOT_BOOKED: _("Money went back, and the books still keep it"),
    Cause.REFUND_WITHOUT_CREDIT_NOTE: _("Money went back without a credit note"),
    Cause.BOOKED_WITHOUT_PAYMENT: _("Booked, and Stripe does not say paid"),
    Cause.ORDER_WITHOUT_PAYMENT: _("Counts as paid, and the money is not there"),
    Cause.ORDER_WITHOUT_INVOICE: _("Ordered, and not invoiced"),
    Cause.INVOICE_DIFFERS: _("The invoice has another total than its order"),
    Cause.PAID_SUM_DIFFERS: _("The invoice counts other payments than are booked"),
    Cause.CREDITED_SUM_DIFFERS: _("The invoice counts other credit notes than there are"),
    Cause.CREDIT_ACCOUNT_DIFFERS: _("The credit account is not the sum of its entries"),
    Cause.CREDIT_OF_ORDER_DIFFERS: _("The credit account owes another amount for the order than is open"),
    Cause.COMMISSION_NOT_TOLD: _("Paid, and the channels' books were not told"),
    Cause.COMMISSION_NOT_RATED: _("Paid, and the commission is not worked out"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both in it; `currency` empty means all. `now` is when it is looked at."""

    first: date
    last: date
    currency: str
    now: datetime

    @property
    def begins(self) -> datetime:
        return midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The end of the last day, or a moment ago: what is on its way is not missed yet."""
        return min(midnight(self.last + timedelta(days=1)), self.now - GRACE)

    def within(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.begins, f"{field}__lt": self.ends})

    def of_currency(self, field: str = "currency") -> Q:
        return Q(**{field: self.currency}) if self.currency else Q()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What does not agree. An amount of None: that side has no say in it."""

    cause: str
    subject: str
    company: str
    currency: str
    at: datetime | None
    stripe: Decimal | None = None
    orders: Decimal | None = None
    books: Decimal | None = None
    page: tuple[str, Any] | None = None  # (URL name, argument) of where it is mended

    @property
    def text(self) -> Any:
        return CAUSES[self.cause]

    @property
    def url(self) -> str:
        return reverse(self.page[0], args=[self.page[1]]) if self.page else ""


def total(rows: QuerySet[Any], field: str) -> Coalesce:
    """Return the sum of a field over a correlated query: each in a query of its own, so that no join counts twice."""
    summed = rows.order_by().annotate(_sum=Func(F(field), function="SUM", output_field=MONEY)).values("_sum")
    return Coalesce(Subquery(summed, output_field=MONEY), Value(Decimal(0)), output_field=MONEY)


def rounded(amount: Any) -> Round:
    """Return an expression of money free of the last bits that SQLite's sums leave."""
    return Round(amount, precision=3, output_field=MONEY)
