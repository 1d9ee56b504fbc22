"""What every page of the portal has: its navigation, and who is looking."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.generic.base import TemplateResponseMixin

from channels.partners.models import ChannelPartner
from channels.portal.access import Capability, MemberView

NAVIGATION: tuple[tuple[Capability, str, str, Promise], ...] = (
    (Capability.DASHBOARD, "dashboard", "gauge", _("Overview")),
    (Capability.ORDERS, "orders", "box", _("Credited orders")),
    (Capability.STATEMENTS, "statements", "file", _("Statements")),
    (Capability.PAYOUT_SETTINGS, "payout-settings", "card", _("Payout settings")),
    (Capability.BALANCES, "guarantee", "shield", _("Guarantee")),
    (Capability.CUSTOMERS, "customers", "building", _("Customers")),
    (Capability.CUSTOMERS, "renewals", "refresh", _("Renewals")),
    (Capability.LINKS, "links", "link", _("Links and codes")),
    (Capability.CONSULTATIONS, "consultations", "edit", _("Consultations")),
    (Capability.DISPUTES, "disputes", "help", _("Disputes and claims")),
    (Capability.TEAM, "team", "users", _("Team")),
    (Capability.NOTICES, "notices", "bell", _("Notices")),
)


class PortalPage(TemplateResponseMixin, MemberView):
    """A page. `section` marks its place in the navigation; htmx may swap `partial_template` into `partial_target`."""

    section = ""
    partial_template = ""
    partial_target = ""
    request: HttpRequest

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response({**self.frame(), **self.content(**kwargs)})

    def content(self, **kwargs: Any) -> dict[str, Any]:
        raise NotImplementedError

    def get_template_names(self) -> list[str]:
        htmx = getattr(self.request, "htmx", None)
        swaps = bool(self.partial_template and htmx and htmx.target == self.partial_target)
        return [self.partial_template] if swaps else super().get_template_names()

    def frame(self) -> dict[str, Any]:
        return {
            "portal_partner": self.partner,
            "portal_role": self.seat.member.get_role_display(),
            "portal_nav": [
                {
                    "href": reverse(f"portal:{name}"),
                    "icon": icon,
                    "label": label,
                    "current": name == self.section,
                    "count": self.seat.unread_notices if capability is Capability.NOTICES else 0,
                }
                for capability, name, icon, label in NAVIGATION
                if self.seat.may(capability)
            ],
            "unread_notices": self.seat.unread_notices,
            "is_suspended": self.partner.status == ChannelPartner.Status.SUSPENDED,
            "may": {capability.value: self.seat.may(capability) for capability in Capability},
        }
