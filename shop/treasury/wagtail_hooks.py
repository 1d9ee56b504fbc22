"""The treasury in the Wagtail admin: addresses, a menu, and a panel on the front page."""

from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from shop.operations.back_office import section_menu
from shop.treasury.pages import dunning, home, reconciliation, stuck

SECTIONS = (
    ("treasury", _("What waits"), "clipboard-list", home.TreasuryHome),
    ("reconciliation", _("Reconciliation"), "check", reconciliation.ReconciliationPage),
    ("stuck_attempts", _("Stuck attempts"), "warning", stuck.AttemptList),
    ("stuck_refunds", _("Stuck refunds"), "rotate", stuck.RefundList),
    ("dunning", _("Dunning"), "mail", dunning.DunningPage),
)


@hooks.register("register_admin_urls")
def treasury_urls() -> list[URLPattern]:
    return [
        path("treasury/", home.TreasuryHome.as_view(), name="treasury"),
        path("treasury/reconciliation/", reconciliation.ReconciliationPage.as_view(), name="reconciliation"),
        path("treasury/reconciliation.csv", reconciliation.ReconciliationCsv.as_view(), name="reconciliation_csv"),
        path("treasury/attempts/", stuck.AttemptList.as_view(), name="stuck_attempts"),
        path("treasury/attempts/<uuid:key>/", stuck.AttemptPage.as_view(), name="stuck_attempt"),
        path("treasury/attempts/<uuid:key>/settle/", stuck.AttemptSettle.as_view(), name="stuck_attempt_settle"),
        path("treasury/attempts/<uuid:key>/refund/", stuck.AttemptRefund.as_view(), name="stuck_attempt_refund"),
        path("treasury/refunds/", stuck.RefundList.as_view(), name="stuck_refunds"),
        path("treasury/refunds/<int:pk>/again/", stuck.RefundAgain.as_view(), name="stuck_refund_again"),
        path("treasury/dunning/", dunning.DunningPage.as_view(), name="dunning"),
    ]


@hooks.register("register_admin_menu_item")
def treasury_menu() -> MenuItem:
    return section_menu("treasury-menu", _("Treasury"), "clipboard-list", SECTIONS, order=319)


@hooks.register("construct_homepage_panels")
def waiting_panel(request: HttpRequest, panels: list[Component]) -> None:
    if request.user.has_perm(home.VIEW):
        panels.append(home.WaitingPanel(request))
