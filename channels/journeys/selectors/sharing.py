"""What companies let partners know and do."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from channels.contracts import OrderingCustomers, PartnerChangeFacts, SharingFacts, SharingLevel
from channels.journeys.models import CompanyProfile, PartnerChange, Relationship, Sharing
from channels.partners.models import ChannelPartner, PartnerMember
from channels.partners.selectors import agreement_on, card, membership

SELLING_ROLES = (PartnerMember.Role.OWNER, PartnerMember.Role.SALES)


def sharing_of(*, company_key: str, at: datetime) -> list[SharingFacts]:
    """Return the company's word on each partner that stands for it or that it spoke of, by name.

    Without a word a partner sees what its agreement shows, is told of orders that are bought through it, and may not
    order for the company.
    """
    said = {row.partner_id: row for row in Sharing.objects.filter(company__key=company_key)}
    standing = _running(at).filter(company__key=company_key).values("partner")
    partners = ChannelPartner.objects.filter(Q(pk__in=said) | Q(pk__in=standing))
    return [_facts(partner, said.get(partner.pk)) for partner in partners]


def caps_of(partner: ChannelPartner) -> dict[int, int]:
    """Return the data level that companies allow the partner, by company; those that narrow nothing are left out."""
    said = {row.company_id: row.level for row in Sharing.objects.filter(partner=partner)}
    return {company_id: level for company_id, level in said.items() if level < SharingLevel.FULL}


def narrows_member() -> Exists:
    """Annotate a PartnerMember with whether any company ever narrowed what its partner sees."""
    return Exists(Sharing.objects.filter(partner=OuterRef("partner"), level__lt=SharingLevel.FULL))


def ordering_customers(*, user: AbstractBaseUser, at: datetime) -> OrderingCustomers | None:
    """Return the companies that a person of a partner may order for; None for who works for no partner.

    Those are the companies at which the partner has a role today and that said so. It takes a seller of an active
    partner with an agreement in force.
    """
    member = membership(user)
    if member is None:
        return None
    is_seller = member.role in SELLING_ROLES and member.partner.status == ChannelPartner.Status.ACTIVE
    keys: frozenset[str] = frozenset()
    if is_seller and agreement_on(partner_id=member.partner_id, on=at.date()) is not None:
        said = {row.company_id: row.may_order for row in Sharing.objects.filter(partner=member.partner_id)}
        agreed = [company_id for company_id, may_order in said.items() if may_order]
        standing = _running(at).filter(partner=member.partner_id, company__in=agreed).values("company")
        keys = frozenset(CompanyProfile.objects.filter(pk__in=standing).values_list("key", flat=True))
    return OrderingCustomers(partner_code=member.partner.code, is_seller=is_seller, company_keys=keys)


def partner_change(*, company_key: str) -> PartnerChangeFacts | None:
    """Return the company's wish that waits for an answer."""
    row = PartnerChange.objects.filter(company__key=company_key, state=PartnerChange.State.ASKED)
    found = row.select_related("partner").first()
    return PartnerChangeFacts(partner=card(found.partner), effective_on=found.effective_on) if found else None


def asked_of(partner: ChannelPartner) -> Iterable[PartnerChange]:
    """Return the wishes that wait for this partner's answer, the oldest first."""
    waiting = PartnerChange.objects.filter(partner=partner, state=PartnerChange.State.ASKED)
    return waiting.select_related("company").order_by("asked_at", "pk")


def _running(at: datetime) -> QuerySet[Relationship]:
    return Relationship.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at), Q(end__isnull=True) | Q(end__at__gt=at), valid_from__lte=at
    )


def _facts(partner: ChannelPartner, said: Sharing | None) -> SharingFacts:
    return SharingFacts(
        partner_code=partner.code,
        partner_name=partner.name,
        level=SharingLevel(said.level) if said else SharingLevel.FULL,
        is_told=said.is_told if said else True,
        may_order=said.may_order if said else False,
    )
