"""Agreed prices, guarantees and price checks."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from channels.contracts import PriceCheck, PriceProposal, PriceSource
from channels.harmony.models import AdvertisedPrice, BuyTerm, GuardSetting, Proof
from channels.journeys.models import OrderRecord
from channels.partners.models import Agreement, ChannelPartner
from tests.factories import channels as make

EARLY = datetime(2024, 1, 1, tzinfo=UTC)
_number = count(1)


def buys(partner: ChannelPartner, **values: Any) -> BuyTerm:
    """A term: EUR 70.00 for the sensor NL-P100, unless `price_minor`, `discount_bp` or a scope is given."""
    if "discount_bp" not in values:
        values = {"sku": "NL-P100", "price_minor": 70_00, "currency": "EUR", **values}
    defaults = {"key": f"term-{next(_number)}", "valid_from": EARLY, "recorded_at": EARLY, "reason": "agreed"}
    return BuyTerm.objects.create(partner=partner, **{**defaults, **values})


def advertised(price_minor: int, sku: str = "NL-P100", **values: Any) -> AdvertisedPrice:
    defaults = {
        "key": f"map-{next(_number)}",
        "valid_from": EARLY,
        "recorded_at": EARLY,
        "reason": "list",
        "currency": "EUR",
    }
    return AdvertisedPrice.objects.create(sku=sku, price_minor=price_minor, **{**defaults, **values})


def promise(partner: ChannelPartner, **values: int) -> None:
    """Set what the partner's agreement promises: min_margin_bp, guarantee_factor_bp, selling_cost_bp, ..."""
    Agreement.objects.filter(partner=partner).update(**values)


def mode(prices: str = "block", promotions: str = "block") -> GuardSetting:
    return GuardSetting.objects.create(prices=prices, promotions=promotions, at=EARLY, reason="test")


def proposal(direct_minor: int, **values: Any) -> PriceProposal:
    defaults: dict[str, Any] = {
        "sku": "NL-P100",
        "title": "Pressure sensor P100",
        "product_class": "hardware",
        "list_unit_minor": 100_00,
        "currency": "EUR",
    }
    return PriceProposal(direct_minor=direct_minor, **{**defaults, **values})


def price_check(*proposals: PriceProposal, **values: Any) -> PriceCheck:
    defaults: dict[str, Any] = {
        "source": PriceSource.OFFER,
        "reference": "offer:1",
        "label": "Spring sale",
        "at": make.NOON,
    }
    return PriceCheck(proposals=proposals, **{**defaults, **values})


def proof(order: OrderRecord, partner: ChannelPartner, **values: int) -> Proof:
    """A proof row of the order's first line as some rating left it."""
    line = order.lines.first()
    amounts = dict.fromkeys(
        ("buy_minor", "floor_minor", "resale_minor", "selling_cost_minor", "margin_minor", "promised_minor",
         "credited_minor", "top_up_minor"), 10_00,
    )  # fmt: skip
    return Proof.objects.create(
        line=line,
        partner=partner,
        run=order.rating_runs.first(),
        term=buys(partner),
        agreement=partner.agreements.first(),
        currency=order.currency,
        quantity=line.quantity,
        net_minor=line.net_minor,
        net_left_minor=line.net_minor,
        share_bp=10_000,
        guarantee_bp=10_000,
        at=order.placed_at,
        **{**amounts, **values},
    )
