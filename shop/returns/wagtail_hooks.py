"""Returns in the Wagtail admin: addresses, and a menu with what somebody may open."""

from django.urls import URLPattern, path, re_path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from shop.operations.back_office import section_menu
from shop.returns import desk

ONE = "returns/<str:reference>/"


@hooks.register("register_admin_urls")
def return_urls() -> list[URLPattern]:
    return [
        path("returns/", desk.Queue.as_view(), name="returns"),
        path("returns/money/", desk.RepaymentList.as_view(), name="repayments"),
        path("returns/money/<int:pk>/", desk.ReleasePage.as_view(), name="repayment_release"),
        path("returns/windows/", desk.PolicyList.as_view(), name="return_policies"),
        path("returns/windows/new/", desk.PolicyAdd.as_view(), name="return_policy_add"),
        path("returns/windows/<int:pk>/", desk.PolicyEdit.as_view(), name="return_policy"),
        path("returns/windows/<int:pk>/remove/", desk.PolicyRemove.as_view(), name="return_policy_remove"),
        path(ONE, desk.ReturnPage.as_view(), name="return"),
        path(f"{ONE}approve/", desk.ApprovePage.as_view(), name="return_approve"),
        path(f"{ONE}reject/", desk.RejectPage.as_view(), name="return_reject"),
        path(f"{ONE}receive/", desk.ReceivePage.as_view(), name="return_receive"),
        path(f"{ONE}inspect/", desk.InspectPage.as_view(), name="return_inspect"),
        path(f"{ONE}documents/<int:pk>/", desk.DocumentFile.as_view(), name="return_document"),
        re_path(
            r"^returns/(?P<reference>[\w-]+)/(?P<step>grant|replace|refund_instead)/$",
            desk.StepAct.as_view(),
            name="return_step",
        ),
    ]


@hooks.register("register_admin_menu_item")
def returns_menu() -> MenuItem:
    return section_menu(
        "returns",
        _("Returns"),
        "resubmit",
        [
            ("returns", _("Returns"), "resubmit", desk.Queue),
            ("repayments", _("Money to release"), "download", desk.RepaymentList),
            ("return_policies", _("Return windows"), "date", desk.PolicyList),
        ],
        order=322,
    )
