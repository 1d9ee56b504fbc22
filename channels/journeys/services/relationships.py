"""Who stands for a company. Rows are only ever added; an end is a row of its own."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from channels.audit.services import record
from channels.journeys.models import CompanyProfile, Relationship, RelationshipEnd
from channels.journeys.selectors.companies import companies_as_one, survivor_of
from channels.partners.models import ChannelPartner

Role = Relationship.Role


class UnknownParty(Exception):
    """No such company or partner."""


class EndNotAllowed(Exception):
    """A relationship ends once, and not before it began."""


@transaction.atomic
def set_renewal_steward(
    *,
    company_key: str,
    partner_code: str,
    valid_from: datetime,
    at: datetime,
    source: str,
    evidence: str = "",
    segment: str = "",
    actor: AbstractBaseUser | None = None,
) -> None:
    """Make a partner the company's renewal steward from a moment on; the one before ends there.

    The same partner again, while it is steward, changes nothing. A steward whose own start is later than `valid_from`
    keeps it, and the new one stands until then.
    """
    company, one = _standing(company_key, at)
    partner = _partner(partner_code)
    rows = _rows(one, Role.RENEWAL_STEWARD, segment)
    running = [row for row in rows if _covers(row, valid_from)]
    # Rows may overlap where one was ended later than another began: the latest start holds the role.
    holder = max(running, key=lambda row: (row.valid_from, row.pk), default=None)
    if holder is not None and holder.partner_id == partner.pk:
        return
    for row in running:
        if _ended_at(row) is None:
            _end(row, valid_from, reason=f"{partner.name} takes over", at=at, actor=actor)
    later = min((row.valid_from for row in rows if row.valid_from > valid_from), default=None)
    add(
        company=company, partner=partner, role=Role.RENEWAL_STEWARD, valid_from=valid_from, valid_to=later, at=at,
        source=source, evidence=evidence, segment=segment, actor=actor,
    )  # fmt: skip


@transaction.atomic
def set_relationship(
    *,
    company_key: str,
    partner_code: str,
    role: str,
    valid_from: datetime,
    at: datetime,
    source: str,
    valid_to: datetime | None = None,
    evidence: str = "",
    segment: str = "",
    actor: AbstractBaseUser | None = None,
) -> Relationship | None:
    """Add a role that several partners may hold side by side; None when this partner holds it then already."""
    if role == Role.RENEWAL_STEWARD:
        raise ValueError("a company has one renewal steward: use set_renewal_steward")
    company, one = _standing(company_key, at)
    partner = _partner(partner_code)
    held = [row for row in _rows(one, role, segment) if row.partner_id == partner.pk]
    if any(_covers(row, valid_from) for row in held):
        return None
    return add(
        company=company, partner=partner, role=role, valid_from=valid_from, valid_to=valid_to, at=at,
        source=source, evidence=evidence, segment=segment, actor=actor,
    )  # fmt: skip


@transaction.atomic
def end(
    *, relationship_id: int, ended_at: datetime, reason: str, at: datetime, actor: AbstractBaseUser | None = None
) -> RelationshipEnd:
    """End a relationship early. Raises EndNotAllowed."""
    row = Relationship.objects.select_related("company").get(pk=relationship_id)
    lock_company(row.company.key)
    if ended_at < row.valid_from or (row.valid_to is not None and ended_at >= row.valid_to):
        raise EndNotAllowed(
            _("%(relationship)s does not run at %(day)s") % {"relationship": row, "day": ended_at.date()}
        )
    if RelationshipEnd.objects.filter(relationship=row).exists():
        raise EndNotAllowed(_("%s has ended already") % row)
    return _end(row, ended_at, reason=reason, at=at, actor=actor)


def add(
    *,
    company: CompanyProfile,
    partner: ChannelPartner,
    role: str,
    valid_from: datetime,
    valid_to: datetime | None,
    at: datetime,
    source: str,
    evidence: str,
    segment: str,
    actor: AbstractBaseUser | None,
) -> Relationship:
    """Add the row, audited. The caller holds the company's lock and knows that the row may be added."""
    row = Relationship.objects.create(
        company=company,
        partner=partner,
        role=role,
        segment=segment,
        valid_from=valid_from,
        valid_to=valid_to,
        source=source,
        evidence=evidence[:255],
        recorded_at=at,
        recorded_by_id=actor.pk if actor else None,
    )
    record(
        verb="relationship.added", subject=row, at=at, actor=actor, reason=evidence,
        data={"company": company.key, "partner": partner.code, "role": role, "valid_from": valid_from.isoformat()},
    )  # fmt: skip
    return row


def lock_company(key: str) -> CompanyProfile:
    """Lock the company's row: two changes of its relationships come one after the other. Raises UnknownParty."""
    company = CompanyProfile.objects.select_for_update().filter(key=key).first()
    if company is None:
        raise UnknownParty(key)
    return company


def _standing(key: str, at: datetime) -> tuple[CompanyProfile, frozenset[int]]:
    """Lock and return the company that stands for this one, and the ids of all that are one with it.

    A merge in between leaves the new row on a company that is one with the survivor, where it counts as well.
    """
    company = CompanyProfile.objects.filter(key=key).first()
    if company is None:
        raise UnknownParty(key)
    locked = lock_company(survivor_of(company, at=at).key)
    return locked, companies_as_one([locked.pk], at=at)


def _partner(code: str) -> ChannelPartner:
    partner = ChannelPartner.objects.filter(code=code).first()
    if partner is None:
        raise UnknownParty(code)
    return partner


def _rows(companies: frozenset[int], role: str, segment: str) -> list[Relationship]:
    rows = Relationship.objects.filter(company__in=companies, role=role, segment=segment)
    return list(rows.select_related("end").order_by("valid_from", "id"))


def _ended_at(row: Relationship) -> datetime | None:
    return row.end.at if hasattr(row, "end") else None


def _covers(row: Relationship, at: datetime) -> bool:
    ends = [moment for moment in (row.valid_to, _ended_at(row)) if moment is not None]
    return row.valid_from <= at and all(at < moment for moment in ends)


def _end(
    row: Relationship, ended_at: datetime, *, reason: str, at: datetime, actor: AbstractBaseUser | None
) -> RelationshipEnd:
    ended = RelationshipEnd.objects.create(
        relationship=row, at=ended_at, reason=reason[:255], recorded_at=at, recorded_by_id=actor.pk if actor else None
    )
    record(verb="relationship.ended", subject=row, at=at, actor=actor, reason=reason, data={"at": ended_at.isoformat()})
    return ended
