"""What somebody may do for a company: one question for one thing, one filter for many."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from shop.companies.capabilities import Capability, Level
from shop.companies.models import Company, Membership, Role

Status = Company.Status
_NO_ORDERS = frozenset({Capability.ORDER, Capability.APPROVE})
# What a company's standing takes from its people, whatever their role. A blocked one sees its orders and pays.
WITHHELD: dict[str, frozenset[Capability]] = {
    Status.PENDING: _NO_ORDERS | {Capability.MANAGE_PEOPLE},
    Status.REJECTED: _NO_ORDERS
    | {Capability.MANAGE_PEOPLE, Capability.MANAGE_LOCATIONS, Capability.MANAGE_COMPANY, Capability.SEE_PRICES},
    Status.BLOCKED: _NO_ORDERS,
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a capability is asked for: a thing of this company, at this location, of this person, as far as it has them."""

    company_id: int
    location_id: int | None = None
    user_id: int | None = None


def level_of(membership: Membership | None, capability: Capability) -> Level | None:
    """Return how far the capability reaches; None without it, for people who left, and while the company may not."""
    if not membership or not membership.is_active:
        return None
    if capability in WITHHELD.get(membership.company.status, frozenset()):
        return None
    return membership.role.level_of(capability)


def can(membership: Membership | None, capability: Capability, target: Target | None = None) -> bool:
    """Tell whether the person may do this to the target; without one, to anything at all."""
    level = level_of(membership, capability)
    if membership is None or level is None:
        return False
    if target is None:
        return True
    if target.company_id != membership.company_id:
        return False
    if level == Level.COMPANY or target.user_id == membership.user_id:
        return True
    return level == Level.LOCATION and target.location_id is not None and target.location_id == membership.location_id


def within(
    membership: Membership | None, capability: Capability, *, company: str, location: str = "", user: str = ""
) -> Q:
    """Return `can` as a filter; `company`, `location` and `user` are the paths to their ids. Nothing without the right."""
    level = level_of(membership, capability)
    nothing: Any = Q(pk__in=())
    if membership is None or level is None:
        return nothing
    here = Q(**{company: membership.company_id})
    if level == Level.COMPANY:
        return here
    reach = Q(**{user: membership.user_id}) if user else nothing
    if level == Level.LOCATION and location and membership.location_id:
        reach |= Q(**{location: membership.location_id})
    return here & reach


def may_give(membership: Membership | None, role: Role) -> bool:
    """Nobody gives or takes a role that reaches further than the own one, or that is another company's."""
    if not can(membership, Capability.MANAGE_PEOPLE) or membership is None:
        return False
    if role.company_id not in (None, membership.company_id):
        return False
    for word in role.grants:
        mine, theirs = membership.role.level_of(Capability(word)), role.level_of(Capability(word))
        if mine is None or theirs is None or theirs.reach > mine.reach:
            return False
    return True


def roles_of(company: Company) -> QuerySet[Role]:
    """Return the roles that a company's people can have: everybody's and its own."""
    return Role.objects.filter(Q(company=None) | Q(company=company))


def roles_given_by(manager: Membership | None) -> QuerySet[Role]:
    """Return the roles that somebody may give."""
    if not manager:
        return Role.objects.none()
    return Role.objects.filter(pk__in=[role.pk for role in roles_of(manager.company) if may_give(manager, role)])
