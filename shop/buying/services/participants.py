"""Who has which part in a purchase, and to whom what is written."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from oscar.apps.order.models import Order

from shop.buying.models import OrderParticipant
from shop.companies.capabilities import Capability, Level
from shop.companies.models import Membership

Part = OrderParticipant.Part


def fill(*, order: Order, buyer: Any, placed_by: Any) -> None:
    """Write down the parts that are known when the order is placed. The order has its PurchaseDetails."""
    found = []
    if buyer is not None:
        found.append(_of(order, Part.BUYER, buyer))
    if placed_by is not None:
        found.append(_of(order, Part.PLACED_BY, placed_by))
    payer = payer_of(order)
    if payer is not None:
        found.append(_of(order, Part.PAYER, payer))
    contact = _channel_contact(order)
    if contact is not None:
        found.append(contact)
    OrderParticipant.objects.bulk_create(found)


def _channel_contact(order: Order) -> OrderParticipant | None:
    """The partner through whom it was bought, or who of ours looks after a company that buys from us."""
    purchase = order.purchase
    if purchase.partner_code:  # the partner's people are told by channels, as the company lets them know
        return OrderParticipant(order=order, part=Part.CHANNEL_CONTACT, name=purchase.partner_name)
    rep = purchase.company.sales_rep
    return _of(order, Part.CHANNEL_CONTACT, rep) if rep is not None else None


def payer_of(order: Order) -> Any:
    """Return who pays the company's invoices and manages nothing else; None where the buyer has to see to it."""
    payers = Membership.objects.filter(
        company=order.purchase.company_id, is_active=True, role__grants__pay_invoices=Level.COMPANY
    )
    found = payers.select_related("user", "role").order_by("pk")
    return next((payer.user for payer in found if Capability.MANAGE_PEOPLE not in payer.role.grants), None)


@transaction.atomic
def replace(*, order: Order, rows: Iterable[tuple[str, str, str]]) -> None:
    """Set the parts that people may change to these (part, name, e-mail). The buyer and who placed it stay."""
    OrderParticipant.objects.filter(order=order, part__in=CHANGEABLE).delete()
    OrderParticipant.objects.bulk_create(
        OrderParticipant(order=order, part=part, name=name, email=email) for part, name, email in rows
    )


CHANGEABLE = (Part.APPROVER, Part.SPECIFIER, Part.USER, Part.PAYER)


def _of(order: Order, part: str, user: Any) -> OrderParticipant:
    return OrderParticipant(order=order, part=part, user=user, name=user.get_full_name()[:200], email=user.email)
