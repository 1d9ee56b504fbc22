"""Companies in the Wagtail admin's menu."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.companies import back_office, on_behalf_desk, terms_desk
from shop.operations.back_office import SectionItem


@hooks.register("register_admin_urls")
def company_urls() -> list[URLPattern]:
    return [
        path("companies/", back_office.CompanyListView.as_view(), name="companies"),
        path("companies/<int:pk>/on-behalf/", on_behalf_desk.OnBehalfDeskView.as_view(), name="company_on_behalf"),
        path("companies/<int:pk>/terms/", terms_desk.TermsView.as_view(), name="company_terms"),
        path("companies/<int:pk>/status/", back_office.CompanyStatusView.as_view(), name="company_status"),
    ]


@hooks.register("register_admin_menu_item")
def company_menu() -> MenuItem:
    return SectionItem("companies", _("Companies"), "user", back_office.CompanyListView, order=315)
