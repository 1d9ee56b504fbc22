"""The company's tax pages; `in_account` stands in Oscar's namespace `customer`, under /accounts/."""

from django.urls import path

from shop.tax import pages

in_account = [
    path("company/tax/", pages.CertificatesPage.as_view(), name="company-tax"),
    path("company/tax/<int:pk>/", pages.CertificateFilePage.as_view(), name="company-tax-file"),
]
