"""The desk in Wagtail's admin: its addresses, and a menu that shows each role only what it may open."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import DEFAULT_DB_ALIAS
from django.db.models import ProtectedError, RestrictedError
from django.db.models.deletion import Collector
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from channels.desk.views import (
    companies,
    disputes,
    harmony,
    harmony_guard,
    harmony_reports,
    harmony_terms,
    home,
    models,
    money,
    months,
    orders,
    overrides,
    partners,
    payouts,
    policies,
    programmes,
    rates,
    relationships,
    statements,
    touchpoints,
)

SECTIONS = (
    ("desk", _("What waits"), "clipboard-list", home.DeskHome),
    ("desk_partners", _("Partners"), "group", partners.PartnerList),
    ("desk_companies", _("Companies"), "site", companies.CompanyList),
    ("desk_relationships", _("Relationships"), "link", relationships.RelationshipList),
    ("desk_touchpoints", _("Touchpoints"), "pick", touchpoints.TouchpointList),
    ("desk_orders", _("Credited orders"), "list-ul", orders.OrderList),
    ("desk_disputes", _("Disputes and claims"), "comment", disputes.DisputeList),
    ("desk_credit_overrides", _("Overrides"), "edit", overrides.OverrideList),
    ("desk_reviews", _("Held for review"), "warning", orders.ReviewList),
    ("desk_failures", _("Failed attributions"), "rotate", orders.FailureList),
    ("desk_policies", _("Policies"), "doc-full", policies.PolicyList),
    ("desk_models", _("Attribution models"), "sliders", models.AttributionModels),
    ("desk_programmes", _("Programmes"), "doc-full-inverse", programmes.ProgrammeList),
    ("desk_statements", _("Statements"), "calendar", statements.StatementList),
    ("desk_payouts", _("Payouts"), "download", payouts.DueList),
    ("desk_months", _("Months"), "calendar-check", months.MonthList),
    ("desk_rates", _("Exchange rates"), "order", rates.RateList),
    ("desk_ledger", _("Ledger"), "table", money.LedgerList),
    ("desk_harmony", _("Harmony"), "view", harmony.HarmonyDashboard),
    ("desk_undercuts", _("Undercuts"), "warning", harmony_guard.UndercutList),
    ("desk_buy_terms", _("Partner prices"), "tag", harmony_terms.BuyTermList),
    ("desk_guarantee", _("Guarantee"), "check", harmony_reports.GuaranteeReport),
    ("desk_costs", _("Cost of selling"), "table", harmony_reports.CostReport),
    ("desk_audit", _("Audit trail"), "history", money.AuditList),
)


class SectionItem(MenuItem):
    """A menu item that is shown to those who may open its page."""

    def __init__(self, *args: object, permission: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.permission = permission

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.permission)


@hooks.register("insert_global_admin_css")
def desk_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("desk/desk.css"))


@hooks.register("register_admin_urls")
def desk_urls() -> list:
    return [path("channels/", include("channels.desk.urls"))]


@hooks.register("register_admin_menu_item")
def desk_menu() -> MenuItem:
    items = [
        SectionItem(label, reverse_lazy(name), name=name, icon_name=icon, order=place, permission=view.permission)
        for place, (name, label, icon, view) in enumerate(SECTIONS)
    ]
    return SubmenuMenuItem(
        _("Channels"), Menu(register_hook_name=None, items=items), name="channels", icon_name="group", order=310
    )


@hooks.register("before_delete_user")
def keep_person_on_record(request: HttpRequest, user: AbstractBaseUser) -> HttpResponse | None:
    return _refuse_if_on_record(request, [user])


@hooks.register("before_bulk_action")
def keep_people_on_record(
    request: HttpRequest, action_type: str, objects: Sequence[object], _action: object
) -> HttpResponse | None:
    people = [row for row in objects if isinstance(row, get_user_model())]
    return _refuse_if_on_record(request, people) if action_type == "delete" and people else None


def _refuse_if_on_record(request: HttpRequest, people: Sequence[AbstractBaseUser]) -> HttpResponse | None:
    """Whoever the books or the audit trail name stays there; Wagtail would answer with a server error."""
    try:
        Collector(using=DEFAULT_DB_ALIAS).collect(people)
    except (ProtectedError, RestrictedError):
        messages.error(
            request,
            _("Records name this person, so the account cannot be deleted. To end its access, make it inactive."),
        )
        return redirect("wagtailusers_users:index")
    return None
