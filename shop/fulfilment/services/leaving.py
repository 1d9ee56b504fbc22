"""What of an order has not left yet, whether it may, and the stock that it takes along."""

from collections.abc import Mapping

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from oscar.apps.order.models import ShippingEventQuantity

from shop.buying.selectors import waits_for_money
from shop.credit.selectors import is_on_hold
from shop.forks.order.models import Line, Order
from shop.fulfilment.errors import MoreThanLeft, NotShippable, Withheld

GOES_NOWHERE = ("Cancelled", "Refunded")


def reason_to_wait(order: Order) -> str:
    """Return why nothing of the order may leave now; '' when it may."""
    if order.status in GOES_NOWHERE:
        return _("This order was cancelled or refunded: nothing of it is sent.")
    if not hasattr(order, "purchase"):
        return ""
    if waits_for_money(order):
        return _("This order waits for its payment. It can be sent once the bank has confirmed it.")
    if is_on_hold(order.purchase.company_id):
        return _("The company is on credit hold: nothing is sent until finance lifts it.")
    return ""


def left_to_ship(order: Order) -> dict[Line, int]:
    """Return each line of goods with the units that have neither left nor been taken back."""
    lines = order.lines.select_related("product__product_class", "product__parent__product_class", "stockrecord")
    delivered = dict(
        ShippingEventQuantity.objects.filter(event__order=order, event__event_type__code="delivered")
        .order_by()
        .values_list("line")
        .annotate(total=Sum("quantity"))
    )
    shipped = dict(
        order.lines.order_by().values_list("pk").annotate(total=Coalesce(Sum("shipment_lines__quantity"), 0))
    )
    # What came back as a return had left before; what it was replaced with is still to leave.
    never_left = Q(take_back_lines__take_back__return_request=None)
    replaced = Q(return_lines__outcome="replace", return_lines__request__replaced_at__isnull=False)
    rows = order.lines.order_by().values_list("pk")
    taken = dict(rows.annotate(total=Coalesce(Sum("take_back_lines__quantity", filter=never_left), 0)))
    again = dict(rows.annotate(total=Coalesce(Sum("return_lines__accepted", filter=replaced), 0)))
    found = {}
    for line in lines.order_by("pk"):
        if line.product is None or not line.product.get_product_class().requires_shipping:
            continue
        if line.can_track_allocations:
            found[line] = line.num_allocated  # what was consumed or cancelled is no longer allocated
        else:
            gone = max(shipped[line.pk], delivered.get(line.pk, 0))
            found[line] = max(0, line.quantity + again[line.pk] - gone - taken[line.pk])
    return found


def leave_rest(order: Order) -> None:
    """Let everything leave that has not; nothing happens where nothing is left. The order is locked. Raises Withheld."""
    if rest := {line.pk: units for line, units in left_to_ship(order).items() if units}:
        leave(order, rest)


def leave(order: Order, quantities: Mapping[int, int]) -> dict[Line, int]:
    """Take the units (by line pk) out of the stock and return them by line. The order is locked.

    Raises Withheld, MoreThanLeft or NotShippable and changes nothing. Stock records change in the order of their keys.
    """
    if why := reason_to_wait(order):
        raise Withheld(why)
    left = {line.pk: (line, units) for line, units in left_to_ship(order).items()}
    going: dict[Line, int] = {}
    for pk, units in quantities.items():
        if not units:
            continue
        line, most = left.get(pk, (None, 0))
        if line is None or units < 0:
            raise NotShippable(_("Choose among the lines of this order."))
        if units > most:
            raise MoreThanLeft(title=line.title, left=most)
        going[line] = units
    if not going:
        raise NotShippable(_("Choose at least one unit to send."))
    for line in sorted(going, key=lambda line: (line.stockrecord_id or 0, line.pk)):
        line.consume_allocation(going[line])
    return going
