"""Which attribution of an order counts, and its credits."""

from django.db.models import QuerySet

from channels.journeys.models import AttributionRun, Credit, OrderRecord


def attributed_run(order: OrderRecord) -> AttributionRun | None:
    """Return the run whose credits count: the latest that is done."""
    return order.attribution_runs.filter(state=AttributionRun.State.DONE).order_by("-sequence").first()


def current_credits(order: OrderRecord) -> QuerySet[Credit]:
    """Return the credits that count, line by line."""
    run = attributed_run(order)
    found = Credit.objects.filter(run=run) if run else Credit.objects.none()
    return found.select_related("line", "partner").order_by("line__position", "pool", "-share_bp", "id")
