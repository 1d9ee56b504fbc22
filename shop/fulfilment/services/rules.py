"""Changes of delivery rules that staff make."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction

from channels import api
from shop.fulfilment.models import DeliveryMethod, ShippingCharge, ShippingRule
from shop.fulfilment.selectors import CACHE_KEY


def forget() -> None:
    """Forget the cached rules: now for this transaction's own reads, and again once others see the rows."""
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


@transaction.atomic
def save(*, rule: ShippingRule, charges: Sequence[ShippingCharge], at: datetime, by: Any) -> ShippingRule:
    """Keep a rule with exactly these charges."""
    verb = "changed" if rule.pk else "added"
    rule.save()
    rule.charges.all().delete()
    for charge in charges:
        charge.pk, charge.rule = None, rule
    ShippingCharge.objects.bulk_create(charges)
    _record(f"delivery_rule.{verb}", rule, at=at, by=by)
    forget()
    return rule


@transaction.atomic
def switch(*, rule: ShippingRule, is_active: bool, at: datetime, by: Any) -> None:
    """Take a rule into use, or out of it."""
    rule.is_active = is_active
    rule.save(update_fields=["is_active"])
    _record("delivery_rule.on" if is_active else "delivery_rule.off", rule, at=at, by=by)
    forget()


@transaction.atomic
def save_method(*, method: DeliveryMethod) -> DeliveryMethod:
    method.save()
    forget()
    return method


def _record(verb: str, rule: ShippingRule, *, at: datetime, by: Any) -> None:
    api.record_audit(verb=verb, subject=rule, at=at, actor=by)
