"""Who acts for which company."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from oscar.apps.address.models import UserAddress
from oscar.apps.wishlists.models import WishList

from shop.companies.access import can, level_of, within
from shop.companies.capabilities import STANDARD_GRANTS, Capability, Level, StandardRole
from shop.companies.models import Company, CostCentre, Invitation, Location, LocationAddress, Membership, OnBehalf, Role
from shop.companies.signed_in import Place, places_of

SESSION_KEY = "company"
LONGEST_ON_BEHALF = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class OrderPermission:
    """Whether someone may order, and if not, the reason to show."""

    is_allowed: bool
    reason: str | Promise = ""


def memberships_of(user: Any) -> QuerySet[Membership]:
    """Return the user's active places, the default one first."""
    return Membership.objects.filter(user=user, is_active=True).select_related("company", "role", "location")


def membership_in(*, user: Any, company: Company) -> Membership | None:
    return memberships_of(user).filter(company=company).first()


def addresses_of(*, user: Any, company: Company | None) -> QuerySet[UserAddress]:
    """Return the address book that a buyer picks from: the own one and those of the colleagues."""
    owners = Q(user=user)
    if company:
        owners |= Q(user__memberships__company=company, user__memberships__is_active=True)
    return (
        UserAddress.objects.filter(owners, country__is_shipping_country=True)
        .select_related("country")
        .order_by("-is_default_for_shipping", "-num_orders_as_shipping_address", "pk")
        .distinct()
    )


def location_addresses_of(membership: Membership) -> QuerySet[LocationAddress]:
    """Return where the company's goods go, the person's own location first."""
    return (
        LocationAddress.objects.filter(
            location__company=membership.company_id, location__is_active=True, kind=LocationAddress.Kind.DELIVERY
        )
        .select_related("country", "location")
        .order_by("location__name", "pk")
    )


def company_key_of(request: HttpRequest) -> str:
    """Return the key of the company that the session acts for; '' without one.

    The session keeps which one was chosen; that it may still be is known with the user, at no query of its own.
    """
    remembered = _remembered(request)
    if "on_behalf" in remembered:
        if acted_for(request):
            return str(remembered["key"])
        del request.session[SESSION_KEY]
    place = place_of(request)
    return place.key if place else ""


def place_of(request: HttpRequest) -> Place | None:
    """Return the user's own place that the session acts from: the one chosen, else the default one."""
    if request.session.get("_auth_user_id") is None or not request.user.is_authenticated:
        return None
    places, chosen = places_of(request.user), _remembered(request).get("key")
    return next((place for place in places if place.key == chosen), next(iter(places), None))


def company_status_of(request: HttpRequest) -> str:
    """Return the status of the company that the session acts for; '' without one."""
    acting = acted_for(request)
    if acting:
        return acting.company.status
    place = place_of(request)
    return place.status if place else ""


def _remembered(request: HttpRequest) -> dict[str, Any]:
    """What the session holds of this user: `key`, and `on_behalf` while somebody acts in a buyer's place."""
    kept: dict[str, Any] = request.session.get(SESSION_KEY) or {}
    return kept if kept.get("user") == request.session.get("_auth_user_id") else {}


def membership_of(request: HttpRequest) -> Membership | None:
    """Return the place under which this request acts, fresh from the database: a status or a role may have changed.

    While somebody acts in a buyer's place it is that buyer's, with no more rights than a buyer has.
    """
    key = company_key_of(request)
    if not request.user.is_authenticated:
        return None
    if "on_behalf" in _remembered(request):
        found = acted_for(request)
    else:
        found = memberships_of(request.user).filter(company__key=key).first() if key else None
    if found is None and request.session.pop(SESSION_KEY, None):
        found = memberships_of(request.user).first()
    if found is not None and found.on_behalf is None:
        found.user = request.user
    return found


def company_of(request: HttpRequest) -> Company | None:
    membership = membership_of(request)
    return membership.company if membership else None


def acted_for(request: HttpRequest) -> Membership | None:
    """Return the buyer's membership in whose place the session acts, asked for once in a request; None when that ended."""
    on_behalf_id = _remembered(request).get("on_behalf")
    if on_behalf_id is None or not request.user.is_authenticated:
        return None
    kept: tuple[int, Membership | None] | None = getattr(request, "_acted_for", None)
    if kept is None or kept[0] != on_behalf_id:
        kept = on_behalf_id, _acted_for(on_behalf_id, actor=request.user, now=timezone.now())
        request._acted_for = kept  # type: ignore[attr-defined]
    return kept[1]


def _acted_for(on_behalf_id: int, *, actor: Any, now: datetime) -> Membership | None:
    running = OnBehalf.objects.filter(
        pk=on_behalf_id, actor=actor, ended_at=None, started_at__gt=now - LONGEST_ON_BEHALF, membership__is_active=True
    )
    row = running.select_related(
        "actor", "membership__company", "membership__role", "membership__user", "membership__location"
    ).first()
    if row is None:
        return None
    membership = row.membership
    membership.role = no_more_than_a_buyer(membership.role)
    membership.on_behalf = row
    return membership


def no_more_than_a_buyer(role: Role) -> Role:
    """Return the role, unsaved, with only what a buyer has of it, and not further than a buyer's reaches."""
    most = STANDARD_GRANTS[StandardRole.BUYER]
    grants = {
        word: min(Level(role.grants[word]), Level(level), key=lambda level: level.reach)
        for word, level in most.items()
        if word in role.grants
    }
    return Role(code=role.code, name=role.name, grants=grants)


def people_visible_to(membership: Membership | None) -> QuerySet[Membership]:
    """Return the people that somebody manages."""
    mine = within(membership, Capability.MANAGE_PEOPLE, company="company_id", location="location_id", user="user_id")
    return Membership.objects.filter(mine).select_related("user", "role", "location")


def invitations_visible_to(membership: Membership | None) -> QuerySet[Invitation]:
    """Return the open invitations of those that somebody manages."""
    mine = within(membership, Capability.MANAGE_PEOPLE, company="company_id", location="location_id")
    return Invitation.objects.filter(mine, accepted_at=None, withdrawn_at=None).select_related("role", "location")


def locations_visible_to(membership: Membership | None) -> QuerySet[Location]:
    """Return the locations that somebody manages."""
    mine = within(membership, Capability.MANAGE_LOCATIONS, company="company_id", location="pk")
    return Location.objects.filter(mine)


def lists_visible_to(membership: Membership | None) -> QuerySet[WishList]:
    """Return the own lists, and the colleagues' that are shared: those of people who act for no other company.

    A list shared with named addresses is theirs, and of those who keep the lists of its owner's location or company.
    """
    level = level_of(membership, Capability.MANAGE_LISTS)
    if membership is None or level is None:
        return WishList.objects.none()
    colleagues = Membership.objects.filter(company=membership.company_id, is_active=True)
    elsewhere = Membership.objects.exclude(company=membership.company_id).filter(is_active=True)
    shared = Q(owner__in=colleagues.values("user")) & ~Q(owner__in=elsewhere.values("user"))
    shared &= ~Q(visibility=WishList.PRIVATE)
    if level != Level.COMPANY:
        named = Q(shared_emails=None) | Q(shared_emails__email__iexact=membership.user.email)
        if level == Level.LOCATION and membership.location_id:
            named |= Q(owner__in=colleagues.filter(location=membership.location_id).values("user"))
        shared &= named
    return WishList.objects.filter(Q(owner=membership.user_id) | shared).distinct()


def cost_centres_for(membership: Membership) -> QuerySet[CostCentre]:
    """Return what the person may book an order on: the own ones, or all of the company's when there are none."""
    ours = CostCentre.objects.filter(company=membership.company_id, is_active=True)
    own = ours.filter(people=membership.pk)
    return own if membership.cost_centres.exists() else ours


def order_permission(*, user: Any, membership: Membership | None) -> OrderPermission:
    """Say whether the person may place an order. Anyone may browse and fill a basket."""
    if not user.is_authenticated:
        return OrderPermission(False, _("Sign in to order."))
    if not membership:
        return OrderPermission(False, _("Your user does not belong to a company, and we only sell to companies."))
    if membership.company.status in STANDING_REASONS:
        return OrderPermission(False, STANDING_REASONS[membership.company.status])
    if not can(membership, Capability.ORDER):
        return OrderPermission(
            False, _("You may look at prices and orders of your company, but not order. Ask a colleague who may.")
        )
    return OrderPermission(True)


STANDING_REASONS: dict[str, str | Promise] = {
    Company.Status.PENDING: _(
        "We are still checking your company. You can fill your basket; we write to you as soon as you can order."
    ),
    Company.Status.REJECTED: _(
        "We could not approve your company, so it cannot order. Please call us if you think that we are mistaken."
    ),
    Company.Status.BLOCKED: _("Your company's account is closed for new orders. Please call us; your basket is kept."),
}


def standing_reason(membership: Membership | None) -> str | Promise:
    """Return why the company may not order now; '' when it may."""
    return STANDING_REASONS.get(membership.company.status, "") if membership else ""


def standing_of(membership: Membership) -> list[tuple[str, bool]]:
    """Return every capability with whether the person has it now, for the status panel."""
    return [(str(word.label), level_of(membership, word) is not None) for word in Capability]
