"""Registrations in the Wagtail admin's menu."""

from django.urls import URLPattern, path, re_path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.operations.back_office import SectionItem
from shop.registration import back_office

HERE = "companies/registrations/"


@hooks.register("register_admin_urls")
def registration_urls() -> list[URLPattern]:
    return [
        path(HERE, back_office.QueueView.as_view(), name="registrations"),
        path(f"{HERE}<int:pk>/", back_office.ApplicationView.as_view(), name="registration"),
        re_path(
            rf"^{HERE}(?P<pk>\d+)/(?P<step>approve|ask|reject)/$",
            back_office.StepView.as_view(),
            name="registration_step",
        ),
        path(
            f"{HERE}<int:pk>/certificates/<int:certificate>/",
            back_office.CertificateView.as_view(),
            name="registration_certificate",
        ),
    ]


@hooks.register("register_admin_menu_item")
def registration_menu() -> MenuItem:
    return SectionItem("registrations", _("Registrations"), "form", back_office.QueueView, order=314)
