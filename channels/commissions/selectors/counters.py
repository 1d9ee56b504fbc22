"""Are the counters what their orders use? Part of `verify_ledger`."""

from collections.abc import Iterator

from django.db.models import Sum
from django.db.models.functions import Coalesce

from channels.commissions.models import CounterEntry, RatingRun, RuleCounter


def counters() -> Iterator[str]:
    """Each counter is the sum of its entries, and each entry what the order's last rating froze."""
    found = RuleCounter.objects.annotate(used=Coalesce(Sum("entries__used_minor"), 0)).order_by("key")
    for counter in found.iterator():
        if counter.used != counter.total_minor:
            yield f"counter {counter.key}: holds {counter.total_minor}, but its orders use {counter.used}"
    entries: dict[int, dict[str, int]] = {}
    rows = CounterEntry.objects.values_list("order", "counter__key", "used_minor")
    for order_id, name, held in rows.iterator():
        entries.setdefault(order_id, {})[name] = held
    runs = RatingRun.objects.filter(order__in=entries, state=RatingRun.State.DONE).order_by("pk")
    last = {order_id: found for order_id, *found in runs.values_list("order", "order__number", "frozen")}
    for order_id, (number, frozen) in sorted(last.items()):
        used, counted = frozen.get("used", {}), entries[order_id]
        for name in sorted({*used, *counted}):
            if used.get(name, 0) != counted.get(name, 0):
                yield (
                    f"order {number}: its rating uses {used.get(name, 0)} of {name}, "
                    f"but the counter has {counted.get(name, 0)}"
                )
