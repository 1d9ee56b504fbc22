"""Settings of prices that name something unknown stop the start, not the first visitor."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from channels.contracts import Channel
from shop.pricing.engine.ladders import Rule
from shop.pricing.gating import Access


@register()
def check_settings(**kwargs: Any) -> list[Error]:
    found = []
    if settings.ACCORD_PRICE_ACCESS not in set(Access):
        found.append(Error(f"PRICE_ACCESS is one of {', '.join(Access)}.", id="shop_pricing.E001"))
    rules = settings.ACCORD_PRICE_RULES
    if set(rules) != {channel.value for channel in Channel} or not set(rules.values()) <= set(Rule):
        text = f"PRICE_RULES names one of {', '.join(Rule)} for each of {', '.join(Channel)}."
        found.append(Error(text, id="shop_pricing.E002"))
    return found
