"""Agreements: a change is a new version, and the version before ends where it starts."""

from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from channels.audit.services import record
from channels.partners.models import Agreement, ChannelPartner


@transaction.atomic
def sign(
    *,
    partner_id: int,
    starts_on: date,
    at: datetime,
    ends_on: date | None = None,
    data_level: int = Agreement.DataLevel.TRANSACTIONS,
    tail_months: int = 6,
    self_billing: bool = False,
    payout_currency: str = "",
    min_margin_bp: int = 0,
    guarantee_factor_bp: int = 10_000,
    selling_cost_bp: int = 0,
    selling_cost_minor: int = 0,
    actor: AbstractBaseUser | None = None,
    reason: str = "",
) -> Agreement:
    """Put a new version in force; the one before becomes renewed."""
    partner = ChannelPartner.objects.select_for_update().get(pk=partner_id)
    versions = Agreement.objects.filter(partner=partner)
    latest = versions.order_by("-version").first()
    versions.filter(status=Agreement.Status.ACTIVE).update(status=Agreement.Status.RENEWED, ended_at=at)
    agreement = Agreement.objects.create(
        partner=partner,
        version=latest.version + 1 if latest else 1,
        data_level=Agreement.DataLevel(data_level),
        tail_months=tail_months,
        self_billing=self_billing,
        payout_currency=payout_currency,
        min_margin_bp=min_margin_bp,
        guarantee_factor_bp=guarantee_factor_bp,
        selling_cost_bp=selling_cost_bp,
        selling_cost_minor=selling_cost_minor,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    record(
        verb="agreement.signed", subject=agreement, at=at, actor=actor, reason=reason,
        data={"partner": partner.code, "version": agreement.version, "data_level": agreement.data_level,
              "guarantee_factor_bp": guarantee_factor_bp, "min_margin_bp": min_margin_bp},
    )  # fmt: skip
    return agreement
