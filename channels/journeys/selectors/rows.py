"""Rows as the engine's facts, one by one."""

from channels.contracts import TouchKind
from channels.core.roles import Role
from channels.journeys.engine.facts import DealFact, LineFact, RelationshipFact, Touch
from channels.journeys.models import DealProtection, OrderLine, Relationship, Touchpoint

# The role in which a partner touches by what it does; everything else is influence.
ROLE_OF_KIND = {
    TouchKind.LINK.value: Role.SOURCER,
    TouchKind.REFERRAL_CODE.value: Role.SOURCER,
    TouchKind.INTRODUCTION.value: Role.SOURCER,
    TouchKind.LEAD.value: Role.SOURCER,
    TouchKind.DEAL_REGISTRATION.value: Role.SOURCER,
    TouchKind.TRAINING.value: Role.IMPLEMENTER,
    TouchKind.QUOTE.value: Role.CLOSER,
}


def touch_fact(touch: Touchpoint) -> Touch:
    return Touch(
        id=touch.key,
        partner=touch.partner.code if touch.partner else None,
        at=touch.at,
        kind=touch.kind,
        medium=touch.medium,
        campaign=touch.campaign,
        role=ROLE_OF_KIND.get(touch.kind, Role.INFLUENCER),
    )


def relationship_fact(row: Relationship) -> RelationshipFact:
    ends = [moment for moment in (row.valid_to, row.end.at if hasattr(row, "end") else None) if moment]
    return RelationshipFact(
        partner=row.partner.code,
        role=row.role,
        segment=row.segment,
        valid_from=row.valid_from,
        valid_to=min(ends, default=None),
    )


def deal_fact(row: DealProtection) -> DealFact:
    return DealFact(
        partner=row.partner.code,
        segment=row.segment,
        protected_from=row.protected_from,
        protected_until=row.protected_until,
        reference=row.key,
    )


def line_fact(line: OrderLine, segment: str) -> LineFact:
    return LineFact(
        key=line.key,
        sku=line.sku,
        product_class=line.product_class,
        segment=segment,
        net_minor=line.net_minor,
        term_months=line.term_months or 0,
        subscription=line.term_months is not None or bool(line.subscription_key),
        categories=tuple(line.categories),
        quantity=line.quantity,
    )
