"""Who may open what in the portal: one matrix, denied by default, and checked afresh on each request."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View
from django_htmx.http import HttpResponseClientRedirect

from channels.journeys.selectors.sharing import narrows_member
from channels.notices.selectors import unread_of_member
from channels.partners.models import ChannelPartner, PartnerMember
from channels.partners.selectors import memberships
from channels.portal import header
from channels.portal.disclosure import Disclosure, disclosure_for

Role = PartnerMember.Role
Status = ChannelPartner.Status


class Capability(StrEnum):
    DASHBOARD = "dashboard"  # the front page, with what was earned
    ORDERS = "orders"  # credited orders, and why each credit is what it is
    EXPORT = "export"  # the same as a file
    BALANCES = "balances"  # what is held, payable and paid
    STATEMENTS = "statements"  # statements and payouts
    PAYOUT_SETTINGS = "payout_settings"  # where the money goes
    LINKS = "links"
    MANAGE_LINKS = "manage_links"
    CUSTOMERS = "customers"  # customers and their renewals, as the agreement's data level allows
    STEWARD = "steward"  # accept to look after a customer
    DISPUTES = "disputes"  # disputes of own credits, and claims of orders; a suspended partner may
    TEAM = "team"
    CONSULTATIONS = "consultations"  # drafts of programmes that the partner is asked about
    COMMENT = "comment"
    NOTICES = "notices"  # what the partner was told


EVERYBODY = frozenset({Role.OWNER, Role.SALES, Role.FINANCE})
MATRIX: Mapping[Capability, frozenset[str]] = MappingProxyType({
    Capability.DASHBOARD: EVERYBODY,
    Capability.ORDERS: EVERYBODY,
    Capability.EXPORT: frozenset({Role.OWNER, Role.FINANCE}),
    Capability.BALANCES: frozenset({Role.OWNER, Role.FINANCE}),
    Capability.STATEMENTS: frozenset({Role.OWNER, Role.FINANCE}),
    Capability.PAYOUT_SETTINGS: frozenset({Role.OWNER, Role.FINANCE}),
    Capability.LINKS: frozenset({Role.OWNER, Role.SALES}),
    Capability.MANAGE_LINKS: frozenset({Role.OWNER, Role.SALES}),
    Capability.CUSTOMERS: frozenset({Role.OWNER, Role.SALES}),
    Capability.STEWARD: frozenset({Role.OWNER, Role.SALES}),
    Capability.DISPUTES: frozenset({Role.OWNER, Role.FINANCE}),
    Capability.TEAM: frozenset({Role.OWNER}),
    Capability.CONSULTATIONS: frozenset({Role.OWNER, Role.FINANCE}),
    Capability.COMMENT: frozenset({Role.OWNER, Role.FINANCE}),
    Capability.NOTICES: EVERYBODY,
})  # fmt: skip
# What only an active partner may do; one that is suspended, or not yet activated, reads.
WRITES = frozenset({Capability.MANAGE_LINKS, Capability.COMMENT, Capability.STEWARD})
# Partners that have a portal. A terminated one has none: its statements come by post from finance.
OPEN_STATUSES = frozenset({Status.APPROVED, Status.ACTIVE, Status.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Seat:
    """A person in a partner's portal."""

    member: PartnerMember
    unread_notices: int = 0
    is_narrowed: bool = False  # some customer shows this partner less than the agreement does

    @property
    def partner(self) -> ChannelPartner:
        return self.member.partner

    def may(self, capability: Capability) -> bool:
        if capability in WRITES and self.partner.status != Status.ACTIVE:
            return False
        return self.member.role in MATRIX.get(capability, frozenset())


def seat_of(user: AbstractBaseUser | AnonymousUser) -> Seat | None:
    """Return the user's seat; None for everybody who does not work for a partner with a portal, staff included."""
    if not user.is_authenticated:
        return None
    member = memberships(user).annotate(unread_notices=unread_of_member(), is_narrowed=narrows_member()).first()
    if member is None or member.partner.status not in OPEN_STATUSES:
        return None
    return Seat(member, member.unread_notices, member.is_narrowed)


@method_decorator(never_cache, name="dispatch")
class MemberView(View):
    """A view of the portal. `capability` is what it takes; a view that names none is open to nobody."""

    capability: ClassVar[Capability | None] = None
    seat: Seat

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        seat = seat_of(request.user)
        header.correct(request, is_member=seat is not None, now=timezone.now())
        if seat is None:
            raise Http404(_("There is no partner portal for this account."))
        if self.capability is None or not seat.may(self.capability):
            raise PermissionDenied(_("Your role does not open this page. The owner of your portal can change that."))
        self.seat = seat
        return super().dispatch(request, *args, **kwargs)

    @property
    def partner(self) -> ChannelPartner:
        return self.seat.partner

    def disclosure(self) -> Disclosure:
        """What the partner may see of its customers today; one query, and one more when a customer narrowed it."""
        return disclosure_for(self.partner, on=timezone.now().date(), is_narrowed=self.seat.is_narrowed)


def _to_login(request: HttpRequest) -> HttpResponse:
    answer = redirect_to_login(request.get_full_path())
    if getattr(request, "htmx", False):
        return cast("HttpResponse", HttpResponseClientRedirect(answer["Location"]))
    return answer
