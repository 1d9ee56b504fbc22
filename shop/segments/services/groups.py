"""Customer groups: who is in, by rule or by hand."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shop.companies.models import Company
from shop.pricing.services import version
from shop.segments import audiences
from shop.segments.engine.conditions import Conditions, RuleError
from shop.segments.members import matching
from shop.segments.models import CustomerGroup, GroupMember

logger = logging.getLogger(__name__)


class GroupRefused(Exception):
    """The change was not made; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How many companies came into a group by its rule, and how many left it."""

    joined: int = 0
    left: int = 0


@transaction.atomic
def save(
    *, code: str, name: str, description: str, priority: int, rule: Conditions, group: CustomerGroup | None = None
) -> CustomerGroup:
    """Create or change a group; its members follow by task, after the commit."""
    from shop.segments.tasks import rebuild_group

    group = group or CustomerGroup()
    group.code, group.name, group.description, group.priority = code, name, description, priority
    group.rule = rule.to_json()
    group.save()
    _forget(group.companies.values_list("key", flat=True))  # a priority decides which group counts
    transaction.on_commit(lambda: rebuild_group.delay(group.pk), robust=True)
    return group


@transaction.atomic
def delete(*, group_id: int) -> None:
    """Delete a group with its rules and profiles; refused while a price list is meant for it."""
    group = CustomerGroup.objects.select_for_update().get(pk=group_id)
    if group.price_list_assignments.exists():
        raise GroupRefused(_("Price lists are meant for this group. Take them away from it first."))
    _forget(group.companies.values_list("key", flat=True))
    group.delete()


@transaction.atomic
def add_member(*, group_id: int, company: Company, actor: Any, now: datetime) -> None:
    """Put a company into a group by hand; it stays, whatever the rule says."""
    group = _locked(group_id)
    GroupMember.objects.update_or_create(
        group=group,
        company=company,
        defaults={"is_by_hand": True},
        create_defaults={"is_by_hand": True, "added_at": now, "added_by": actor},
    )
    _forget([company.key])


@transaction.atomic
def remove_member(*, group_id: int, company: Company, now: datetime) -> None:
    """Take back what was done by hand. Raises GroupRefused for a company that is in by the rule."""
    group = _locked(group_id)
    member = GroupMember.objects.filter(group=group, company=company).first()
    if member is None:
        return
    if not member.is_by_hand:
        raise GroupRefused(
            _("%(company)s is in this group by its rule. Change the rule to take it out.") % {"company": company.name}
        )
    member.delete()
    _forget([company.key])
    _rebuild(group, now=now, company_id=company.pk)


@transaction.atomic
def rebuild(*, group_id: int, now: datetime, company_id: int | None = None) -> Moved:
    """Let a group's members follow from its rule, all or one company; those by hand stay.

    Idempotent, and safe twice at once: the second waits for the group's lock and then finds nothing to do. A rule that
    cannot be read leaves the members as they are. A group that is gone has none.
    """
    group = CustomerGroup.objects.select_for_update().filter(pk=group_id).first()
    return _rebuild(group, now=now, company_id=company_id) if group else Moved()


def rebuild_all(*, now: datetime, company_id: int | None = None) -> Moved:
    """Rebuild every group, one transaction each."""
    joined = left = 0
    for pk in CustomerGroup.objects.exclude(rule={}).order_by("pk").values_list("pk", flat=True):
        moved = rebuild(group_id=pk, now=now, company_id=company_id)
        joined, left = joined + moved.joined, left + moved.left
    return Moved(joined, left)


def _rebuild(group: CustomerGroup, *, now: datetime, company_id: int | None) -> Moved:
    try:
        conditions = Conditions.from_json(group.rule)
    except RuleError:
        logger.exception("The rule of customer group %s cannot be read.", group.code)
        return Moved()
    wanted = set() if conditions.asks_nothing else matching(conditions, at=now, company_id=company_id)
    members = GroupMember.objects.filter(group=group)
    if company_id is not None:
        members = members.filter(company=company_id)
    kept = dict(members.values_list("company_id", "is_by_hand"))
    joining = wanted - kept.keys()
    leaving = {pk for pk, is_by_hand in kept.items() if not is_by_hand} - wanted
    GroupMember.objects.bulk_create(
        [GroupMember(group=group, company_id=pk, added_at=now) for pk in sorted(joining)], batch_size=1000
    )
    members.filter(company__in=leaving).delete()
    moved = joining | leaving
    if moved:
        _forget(Company.objects.filter(pk__in=moved).values_list("key", flat=True))
    return Moved(len(joining), len(leaving))


def _locked(group_id: int) -> CustomerGroup:
    return CustomerGroup.objects.select_for_update().get(pk=group_id)


def _forget(keys: Iterable[Any]) -> None:
    """Who is in which group, and what counts for it, has changed: so have prices."""
    audiences.forget(map(str, keys))
    version.bump()
