"""Oscar's sales counters, fed in four queries whatever the number of lines.

Oscar feeds them from a signal inside the order, a query a line: buyers of one product would wait for each other.
"""

from collections import defaultdict

from django.db import transaction
from django.db.models import Case, F, IntegerField, Value, When
from oscar.apps.analytics.models import ProductRecord, UserRecord
from oscar.apps.order.models import Order


def count(order: Order) -> None:
    """Add an order's units to its products and to its buyer. Twice counts twice: its task runs once at most."""
    units: dict[int, int] = defaultdict(int)
    for line in order.lines.all():
        if line.product_id:
            units[line.product_id] += line.quantity
    if units:
        count_products(units)
    if order.user_id:
        count_buyer(order)


@transaction.atomic
def count_products(units: dict[int, int]) -> None:
    """Add units to the products; rows are locked by product, so that two orders cannot wait for each other."""
    records = ProductRecord.objects.filter(product_id__in=units).order_by("product_id")
    known = set(records.select_for_update().values_list("product_id", flat=True))
    missing = sorted(units.keys() - known)
    if missing:
        ProductRecord.objects.bulk_create([ProductRecord(product_id=pk) for pk in missing], ignore_conflicts=True)
    added = Case(
        *(When(product_id=pk, then=Value(number)) for pk, number in units.items()), output_field=IntegerField()
    )
    records.order_by().update(num_purchases=F("num_purchases") + added)


def count_buyer(order: Order) -> None:
    lines = list(order.lines.all())
    record, _is_new = UserRecord.objects.get_or_create(user_id=order.user_id)
    UserRecord.objects.filter(pk=record.pk).update(
        num_orders=F("num_orders") + 1,
        num_order_lines=F("num_order_lines") + len(lines),
        num_order_items=F("num_order_items") + sum(line.quantity for line in lines),
        total_spent=F("total_spent") + order.total_incl_tax,
        date_last_order=order.date_placed,
    )
