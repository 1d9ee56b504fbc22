"""Which payments and methods somebody may see, and what waits for whom."""

from django.db.models import Count, QuerySet

from shop.companies.access import within
from shop.companies.capabilities import Capability
from shop.companies.models import Membership
from shop.payments.models import SavedMethod, WebhookEvent


def methods_visible_to(membership: Membership | None) -> QuerySet[SavedMethod]:
    """Return the saved methods that the person may see and pay with: as far as the rights to pay and to order reach.

    None while acting in a buyer's place.
    """
    if membership is None or membership.on_behalf:
        return SavedMethod.objects.none()
    where = {"company": "company_id", "location": "location_id", "user": "added_by_id"}
    reach = within(membership, Capability.PAY_INVOICES, **where) | within(membership, Capability.ORDER, **where)
    return SavedMethod.objects.filter(reach, is_active=True).select_related("location", "added_by")


def webhook_counts() -> dict[str, int]:
    """Return how many deliveries are in each state of the inbox."""
    rows = WebhookEvent.objects.order_by().values_list("state").annotate(n=Count("pk"))
    return {state: dict(rows).get(state, 0) for state in WebhookEvent.State.values}
