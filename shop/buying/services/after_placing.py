"""What follows once an order is committed: mail, counters, stock alerts. Nothing here can undo or delay the order."""

import logging

from django.conf import settings
from django.contrib.sites.models import Site
from django.db import transaction
from django.urls import reverse
from django.utils.translation import override
from kombu.exceptions import OperationalError
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from shop.buying.services import letters, sales_counters
from shop.catalogue.services import stock as catalogue_stock
from shop.forks.order.utils import OrderDispatcher

logger = logging.getLogger(__name__)


def schedule(order: Order, *, notify: bool) -> None:
    """Queue the follow-ups for after the commit. Robust: nothing that fails there may reach the buyer."""
    order_id = order.pk
    transaction.on_commit(lambda: _send(order_id, notify=notify), robust=True)


def _send(order_id: int, *, notify: bool) -> None:
    """Hand the follow-ups to a worker; while the broker is away, do them here."""
    from shop.buying.tasks import follow_up as task

    try:
        task.delay(order_id, notify=notify)
    except OperationalError:
        logger.warning("The broker is away: the follow-ups of order %s run here.", order_id)
        follow_up(order_id, notify=notify)


def follow_up(order_id: int, *, notify: bool) -> None:
    """Take every step; each alone, so that one failing stops no other."""
    order = (
        Order.objects.select_related("user", "purchase__company", "shipping_address__country")
        .prefetch_related("lines", "surcharges")
        .get(pk=order_id)
    )
    letters_to_send = [confirm, letters.tell_payer, letters.tell_sales_rep, letters.tell_partner] if notify else []
    steps = [*letters_to_send, sales_counters.count, check_stock_levels]
    for step in steps:
        try:
            step(order)
        except Exception:
            logger.exception("%s failed for order %s.", step.__name__, order_id)


def confirm(order: Order) -> None:
    """Mail the confirmation in the site's language to the buyer; an order without a user gets none."""
    if order.user is None:
        return
    with override(settings.LANGUAGE_CODE):
        path = reverse("customer:order", kwargs={"order_number": order.purchase.public_ref})
        OrderDispatcher(logger=logger).send_order_placed_email_for_user(
            order,
            {
                "user": order.user,
                "order": order,
                "purchase": order.purchase,
                "order_channel": {
                    "is_reseller": bool(order.purchase.partner_code),
                    "reseller_name": order.purchase.partner_name,
                },
                "lines": list(order.lines.all()),
                "site": Site.objects.get_current(),
                "status_path": path,
            },
        )


def check_stock_levels(order: Order) -> None:
    """Tell the catalogue what is scarce now, and let Oscar open low-stock alerts as its own allocation would have."""
    lines = list(order.lines.all())
    catalogue_stock.settle(product_ids=[line.product_id for line in lines if line.product_id])
    records = [line.stockrecord_id for line in lines if line.stockrecord_id]
    for record in StockRecord.objects.filter(pk__in=records, low_stock_threshold__isnull=False):
        record.post_save_signal()
