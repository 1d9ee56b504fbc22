"""What companies owe and what they paid, by subject. No money is ever edited: a credit note takes back an invoice."""

from shop.billing.models.credit_notes import CreditNote, CreditNoteLine
from shop.billing.models.documents import Document, DocumentLine, Series
from shop.billing.models.invoices import Invoice, InvoiceLine, Reminder
from shop.billing.models.money import InvoicePayment, JointPayment, Receipt

__all__ = [
    "CreditNote",
    "CreditNoteLine",
    "Document",
    "DocumentLine",
    "Invoice",
    "InvoiceLine",
    "InvoicePayment",
    "JointPayment",
    "Receipt",
    "Reminder",
    "Series",
]
