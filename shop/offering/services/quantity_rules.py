"""Saying in which quantities a product is sold."""

from shop.offering.engine.quantities import FREE
from shop.offering.models import QuantityRule


def keep(rule: QuantityRule) -> QuantityRule | None:
    """Save a validated rule; one that allows everything is no rule and leaves none behind."""
    if rule.as_rule() == FREE:
        QuantityRule.objects.filter(pk=rule.pk).delete()
        return None
    rule.save()
    return rule
