"""Taxes in the Wagtail admin: addresses, and a menu that shows each role only what it may open."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.operations.back_office import section_menu
from shop.tax import desk
from shop.tax.models import ProductRate, Registration

SECTIONS = (
    ("exemption_certificates", _("Exemption certificates"), "doc-full", desk.CertificateQueue),
    ("tax_rates", _("Tax rates"), "decimal", desk.RateList),
    ("tax_seller", _("Seller"), "globe", desk.SellerPage),
)


@hooks.register("register_admin_urls")
def tax_urls() -> list[URLPattern]:
    remove = desk.RuleRemove.as_view
    return [
        path("taxes/certificates/", desk.CertificateQueue.as_view(), name="exemption_certificates"),
        path("taxes/certificates/<int:pk>/file/", desk.CertificateFile.as_view(), name="exemption_certificate_file"),
        path("taxes/certificates/<int:pk>/accept/", desk.CertificateAccept.as_view(), name="exemption_accept"),
        path("taxes/certificates/<int:pk>/refuse/", desk.CertificateRefuse.as_view(), name="exemption_refuse"),
        path("taxes/rates/", desk.RateList.as_view(), name="tax_rates"),
        path("taxes/rates/new/", desk.RateSave.as_view(), name="tax_rate_add"),
        path("taxes/rates/<int:pk>/", desk.RateSave.as_view(), name="tax_rate"),
        path("taxes/seller/", desk.SellerPage.as_view(), name="tax_seller"),
        path("taxes/seller/edit/", desk.SellerEdit.as_view(), name="tax_seller_edit"),
        path("taxes/seller/registrations/new/", desk.RegistrationAdd.as_view(), name="tax_registration_add"),
        path("taxes/seller/registrations/<int:pk>/remove/", remove(model=Registration), name="tax_registration_remove"),
        path("taxes/seller/products/new/", desk.ProductRateAdd.as_view(), name="tax_product_rate_add"),
        path("taxes/seller/products/<int:pk>/remove/", remove(model=ProductRate), name="tax_product_rate_remove"),
    ]


@hooks.register("register_admin_menu_item")
def tax_menu() -> MenuItem:
    return section_menu("taxes", _("Taxes"), "decimal", SECTIONS, order=322)
