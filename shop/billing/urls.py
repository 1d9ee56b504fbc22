"""The buyers' invoices; `in_account` stands in Oscar's namespace `customer`, under /accounts/."""

from django.urls import path

from shop.billing.pages import listing, paying, statement

in_account = [
    path("invoices/", listing.InvoicesPage.as_view(), name="invoices"),
    path("invoices/statement/", statement.StatementPage.as_view(), name="invoices-statement"),
    path("invoices/pay/", paying.PayPage.as_view(), name="invoices-pay"),
    path("invoices/payments/<uuid:key>/", paying.PaymentPage.as_view(), name="invoices-payment"),
    path("invoices/<str:number>/", listing.InvoiceView.as_view(), name="invoice"),
    path("invoices/<str:number>/<str:kind>/", listing.FileView.as_view(), name="invoice-file"),
]
