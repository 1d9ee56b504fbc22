"""Which plan a purchase takes."""

from shop.subscriptions import standard_plans
from shop.subscriptions.models import Plan


def plan_for(term_months: int) -> Plan:
    """Return the plan of a product's term; a term that nobody planned for gets the standard one of its length."""
    plan, _created = Plan.objects.get_or_create(term_months=term_months, defaults=standard_plans.values(term_months))
    return plan
