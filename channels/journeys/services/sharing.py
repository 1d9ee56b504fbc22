"""A company's word on what a partner learns and may do."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext_noop

from channels.audit.services import record
from channels.contracts import SharingLevel
from channels.core.ids import key
from channels.journeys.models import OrderRecord, Sharing
from channels.journeys.services.relationships import UnknownParty, lock_company
from channels.notices.services import tell
from channels.partners.models import ChannelPartner

ORDERED = gettext_noop("New order %(number)s of %(company)s")
ORDERED_BODY = gettext_noop("%(company)s has ordered through you. You find the order under your credited orders.")


@transaction.atomic
def set_sharing(
    *,
    company_key: str,
    partner_code: str,
    level: int,
    is_told: bool,
    may_order: bool,
    at: datetime,
    actor: AbstractBaseUser | None,
) -> None:
    """Keep the company's word from now on. Raises UnknownParty."""
    company = lock_company(company_key)
    partner = ChannelPartner.objects.filter(code=partner_code).first()
    if partner is None:
        raise UnknownParty(partner_code)
    row = Sharing.objects.create(
        company=company,
        partner=partner,
        level=SharingLevel(level),
        is_told=is_told,
        may_order=may_order,
        at=at,
        recorded_by_id=actor.pk if actor else None,
    )
    record(
        verb="sharing.set", subject=row, at=at, actor=actor,
        data={"company": company.key, "partner": partner.code, "level": level, "told": is_told, "order": may_order},
    )  # fmt: skip


@transaction.atomic
def tell_of_order(*, number: str, at: datetime) -> bool:
    """Tell the partner through which an order was bought, unless the company wants it otherwise. Safe to repeat."""
    order = OrderRecord.objects.select_related("company", "chosen_partner").filter(number=number).first()
    if order is None or order.chosen_partner is None:
        return False
    said = Sharing.objects.filter(company=order.company, partner=order.chosen_partner).last()
    if said is not None and not said.is_told:
        return False
    is_named = said is None or said.level > SharingLevel.QUOTAS
    tell(
        partner_id=order.chosen_partner.pk, kind="order.placed", subject=ORDERED, body=ORDERED_BODY,
        key=key("order-placed", number), at=at, path="/portal/orders/",
        params={"number": number, "company": order.company.name if is_named else "–"},
    )  # fmt: skip
    return True
