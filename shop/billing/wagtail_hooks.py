"""Invoices in the Wagtail admin: finance sees what is open and books money without leaving it."""

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.billing.desk import invoices, money
from shop.operations.back_office import section_menu


@hooks.register("register_admin_urls")
def invoice_urls() -> list[URLPattern]:
    return [
        path("invoices/", invoices.InvoiceList.as_view(), name="invoices"),
        path("invoices/<int:pk>/", invoices.InvoicePage.as_view(), name="invoice_desk"),
        path("invoices/<int:pk>/paid/", invoices.MarkPaid.as_view(), name="invoice_mark_paid"),
        path("invoices/<int:pk>/payment/", invoices.RecordPayment.as_view(), name="invoice_payment"),
        path("invoices/<int:pk>/pay-back/", invoices.RecordPayBack.as_view(), name="invoice_pay_back"),
        path("invoices/<int:pk>/<str:kind>/", invoices.FileOfInvoice.as_view(), name="invoice_file"),
        path("invoices/credit-notes/", invoices.CreditNoteList.as_view(), name="credit_notes"),
        path(
            "invoices/credit-notes/<int:pk>/<str:kind>/", invoices.FileOfCreditNote.as_view(), name="credit_note_file"
        ),
        path("invoices/received/", money.ReceiptList.as_view(), name="receipts"),
        path("invoices/received/new/", money.ReceiptAdd.as_view(), name="receipt_add"),
        path("invoices/received/<int:pk>/", money.ReceiptBook.as_view(), name="receipt_book"),
        path("invoices/journal/", money.JournalPage.as_view(), name="journal"),
    ]


@hooks.register("register_admin_menu_item")
def invoice_menu() -> MenuItem:
    return section_menu(
        "billing",
        _("Invoices"),
        "doc-full",
        [
            ("invoices", _("Invoices"), "doc-full", invoices.InvoiceList),
            ("receipts", _("Money received"), "download", money.ReceiptList),
            ("credit_notes", _("Credit notes"), "doc-full-inverse", invoices.CreditNoteList),
            ("journal", _("Journal"), "list-ul", money.JournalPage),
        ],
        order=320,
    )


class DashboardMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.is_staff


@hooks.register("register_admin_menu_item")
def dashboard_menu() -> MenuItem:
    return DashboardMenuItem(
        _("Catalogue and orders"), reverse("dashboard:index"), name="oscar-dashboard", icon_name="list-ul", order=330
    )
