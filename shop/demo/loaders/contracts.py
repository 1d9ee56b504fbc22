"""Subscriptions that show what renewing is about: one that renews soon, one that asks its buyer, one that is past due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from channels.contracts import Channel
from shop.billing.services import invoices
from shop.buying.services import place_order
from shop.companies.models import Company
from shop.demo.loaders.clock import Clock
from shop.demo.loaders.history import Player
from shop.subscriptions.models import RenewalNotice

COMPANY = "cascade"
Method = Company.PaymentMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What was bought so many days ago, at which price if not the list's, and how it is paid."""

    sku: str
    days_ago: int
    units: int = 1
    unit_price: Decimal | None = None
    method: Method = Method.INVOICE


CONTRACTS = (
    Contract(sku="NW-START-12", days_ago=340, units=2),
    Contract(sku="NW-PRO-12", days_ago=320, unit_price=Decimal("2490.00")),  # an introductory price, so that it rises
    Contract(sku="NW-PRO-M", days_ago=42, method=Method.CARD),  # and no card is saved
)


def plan(player: Player, *, clock: Clock) -> None:
    for contract in CONTRACTS:
        player.plan_act(clock.ago(contract.days_ago, hour=10), partial(_buy, player, contract))


def silence() -> None:
    """Nobody is mailed what the history announced; the notices stay."""
    RenewalNotice.objects.filter(mailed_at=None).update(to="")


def _buy(player: Player, contract: Contract, at: datetime) -> None:
    customer = player.customers[COMPANY]
    order = place_order.place(
        company=customer.company,
        user=customer.buyers[0],
        channel=Channel.DIRECT,
        now=at,
        lines=[
            place_order.OrderedLine(
                product=player.products[contract.sku], quantity=contract.units, unit_price=contract.unit_price
            )
        ],
        shipping_address=customer.address,
        payment_method=contract.method,
        notify=False,
    )
    player.follow(at)
    paid_at = at + timedelta(hours=1) if contract.method == Method.CARD else at + timedelta(days=20)
    player.plan_act(paid_at, lambda day: _pay(player, order.invoice.pk, day))


def _pay(player: Player, invoice_id: int, at: datetime) -> None:
    invoices.mark_paid(invoice_id=invoice_id, at=at, reference="Bank transfer", by=player.staff["finance"])
    player.follow(at)
