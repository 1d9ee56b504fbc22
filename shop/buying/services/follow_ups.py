"""What a placed order starts in the same transaction. An app that lives from orders adds its call here."""

from datetime import datetime

from oscar.apps.order.models import Order

from shop.billing.services import invoices
from shop.companies.models import Company
from shop.credit.services import deposits
from shop.credit.services import ledger as credit
from shop.subscriptions.services import contracts


def start(*, order: Order, now: datetime) -> None:
    """Start what must exist as soon as the order does. Called once, before channels gets the facts.

    The order has its lines, its PurchaseDetails (`order.purchase`) and the LineDetails of subscription lines; its stock
    is taken afterwards, so an error raised here or there undoes all of it.
    """
    contracts.start_for(order)


def bill(*, order: Order, now: datetime) -> None:
    """Issue the invoice; take one on terms from the company's credit, and pay it from what was paid in advance.

    Called once channels knows the order and its stock is taken: from here to the commit the company's other orders wait
    for its credit, and all other orders for their invoice's number. Raises CreditRefused.
    """
    is_on_terms = order.purchase.payment_method == Company.PaymentMethod.INVOICE
    account = credit.charge(order=order, at=now).account if is_on_terms else None
    invoice = invoices.issue(order=order, at=now, terms_days=order.purchase.payment_terms_days)
    if account and account.advance:
        deposits.cover(invoice_id=invoice.pk, at=now)
