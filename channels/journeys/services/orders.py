"""Freezing a placed order as channels sees it."""

import logging
from collections.abc import Callable, Collection
from dataclasses import asdict
from typing import Any

from django.db import transaction

from channels.contracts import PlacedOrder
from channels.journeys.models import AttributionRun, OrderLine, OrderRecord
from channels.journeys.services.identity import upsert_company
from channels.partners.models import ChannelPartner

logger = logging.getLogger(__name__)

# The partners (ids) that are paid on a bank account. Whoever pays them provides it.
AccountHolders = Callable[[str], Collection[int]]
_account_holders: list[AccountHolders] = []


def provide_account_holders(provider: AccountHolders) -> None:
    """Let orders be recorded with the partners that are paid on the company's account; the latest provider speaks."""
    _account_holders[:] = [provider]


@transaction.atomic
def record_order(order: PlacedOrder) -> None:
    """Freeze an order with its lines and owe it an attribution, all in the caller's transaction.

    Computes nothing, so that nothing computed can stop an order. After the commit a task attributes it; when the
    task is lost, the pending run is found by `heal`. The same number again changes nothing.
    """
    company = upsert_company(order.company)
    frozen, is_new = OrderRecord.objects.get_or_create(
        number=order.number,
        defaults={
            "public_ref": order.public_ref,
            "company": company,
            "user_id": order.user_id,
            "visitor_key": order.visitor_key,
            "channel": order.channel.value,
            "medium": order.medium.value,
            "chosen_partner": _chosen_partner(order),
            "country": order.country.upper(),
            "currency": order.currency,
            "net_minor": sum(line.net_minor for line in order.lines),
            "cycle": order.cycle,
            "purchase_order_number": order.purchase_order_number[:64],
            "placed_at": order.placed_at,
            "facts": as_json(order),
        },
    )
    if not is_new:
        return
    OrderLine.objects.bulk_create(_lines(frozen, order))
    run = AttributionRun.objects.create(order=frozen, created_at=order.placed_at)
    # A named function: when it fails, Django logs its __qualname__, which a partial does not have.
    transaction.on_commit(lambda: _send(run.pk), robust=True)


def as_json(order: PlacedOrder) -> dict[str, Any]:
    """Return the facts as they are kept: of the company's bank account only which partners have the same."""
    facts = asdict(order) | {"placed_at": order.placed_at.isoformat()}
    account = facts["company"].pop("bank_account")
    if account and _account_holders:
        facts["account_holders"] = sorted(_account_holders[0](account))
    return facts


def _lines(frozen: OrderRecord, order: PlacedOrder) -> list[OrderLine]:
    return [
        OrderLine(
            order=frozen,
            key=line.key,
            position=position,
            sku=line.sku,
            title=line.title[:255],
            product_class=line.product_class,
            categories=list(line.categories),
            quantity=line.quantity,
            net_minor=line.net_minor,
            cost_minor=line.cost_minor,
            term_months=line.term_months,
            subscription_key=line.subscription_key,
        )
        for position, line in enumerate(order.lines, start=1)
    ]


def _chosen_partner(order: PlacedOrder) -> ChannelPartner | None:
    """An unknown code must not stop the order: the facts keep it, and the log tells."""
    if not order.chosen_partner:
        return None
    partner = ChannelPartner.objects.filter(code=order.chosen_partner).first()
    if partner is None:
        logger.error("Order %s names the unknown partner %s.", order.number, order.chosen_partner)
    return partner


def _send(run_id: int) -> None:
    from channels.journeys.tasks import attribute_order

    attribute_order.delay(run_id)
