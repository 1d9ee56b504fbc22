"""What partners are certified for. Rows are only ever added; an early end is a row of its own."""

from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from channels.audit.services import record
from channels.partners.models import CertificationEnd, ChannelPartner, PartnerCertification


class CertificationRefused(Exception):
    """The period is empty, or the certification has ended already."""


@transaction.atomic
def certify(
    *,
    partner_id: int,
    code: str,
    valid_from: date,
    valid_until: date | None = None,
    at: datetime,
    actor: AbstractBaseUser | None = None,
) -> PartnerCertification:
    """Note that a partner is certified from a day on. Raises CertificationRefused."""
    if valid_until is not None and valid_until <= valid_from:
        raise CertificationRefused("a certification ends after it began")
    partner = ChannelPartner.objects.get(pk=partner_id)
    row = PartnerCertification.objects.create(
        partner=partner,
        code=code.strip().lower(),
        valid_from=valid_from,
        valid_until=valid_until,
        recorded_at=at,
        recorded_by_id=actor.pk if actor else None,
    )
    record(verb="partner.certified", subject=partner, at=at, actor=actor, data={"certification": row.code})
    return row


@transaction.atomic
def withdraw(
    *, certification_id: int, on: date, reason: str, at: datetime, actor: AbstractBaseUser | None = None
) -> CertificationEnd:
    """End a certification early, from a day on: orders of that day have it no more. Raises CertificationRefused."""
    row = (
        PartnerCertification.objects.select_for_update(of=("self",)).select_related("partner").get(pk=certification_id)
    )
    if on < row.valid_from or (row.valid_until is not None and on >= row.valid_until):
        raise CertificationRefused(f"{row.code} is not valid on {on}")
    if CertificationEnd.objects.filter(certification=row).exists():
        raise CertificationRefused(f"{row.code} has ended already")
    end = CertificationEnd.objects.create(
        certification=row, on=on, reason=reason[:255], recorded_at=at, recorded_by_id=actor.pk if actor else None
    )
    record(
        verb="partner.certification_withdrawn",
        subject=row.partner,
        at=at,
        actor=actor,
        reason=reason,
        data={"certification": row.code},
    )
    return end
