"""The people of a partner."""

from typing import Any

from django.utils.translation import gettext as _

from channels.partners.models import PartnerMember
from channels.portal.access import MATRIX, Capability
from channels.portal.views.page import PortalPage


class TeamView(PortalPage):
    capability = Capability.TEAM
    section = "team"
    template_name = "channels/portal/team.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        members = PartnerMember.objects.filter(partner=self.partner).select_related("user")
        return {
            "members": [
                {
                    "name": member.user.get_full_name() or member.user.get_username(),
                    "email": getattr(member.user, "email", ""),
                    "role": member.get_role_display(),
                    "is_active": member.is_active,
                    "is_you": member.pk == self.seat.member.pk,
                    "joined_at": member.joined_at,
                }
                for member in members.order_by("-is_active", "joined_at", "pk")
            ],
            "roles": [{"label": role.label, "opens": _opens(role)} for role in PartnerMember.Role],
        }


def _opens(role: PartnerMember.Role) -> list[str]:
    words = {
        Capability.DASHBOARD: _("Overview"),
        Capability.ORDERS: _("Credited orders and why"),
        Capability.EXPORT: _("Export as a file"),
        Capability.BALANCES: _("Held, payable and paid"),
        Capability.STATEMENTS: _("Statements and payouts"),
        Capability.PAYOUT_SETTINGS: _("Payout settings"),
        Capability.LINKS: _("Links and codes"),
        Capability.MANAGE_LINKS: _("Make links"),
        Capability.CUSTOMERS: _("Customers and renewals"),
        Capability.STEWARD: _("Accept customers to look after"),
        Capability.DISPUTES: _("Disputes and claims"),
        Capability.TEAM: _("Team"),
        Capability.CONSULTATIONS: _("Drafts of programmes"),
        Capability.COMMENT: _("Comments on drafts"),
        Capability.NOTICES: _("Notices"),
    }
    return [words[capability] for capability, roles in MATRIX.items() if role in roles]
