"""Many prices at once go through the same guard as one."""

from django.utils import timezone
from django.utils.translation import gettext as _
from oscar.apps.dashboard.catalogue import bulk_actions
from oscar.apps.dashboard.catalogue.bulk_actions import *
from oscar.core.loading import get_model

from shop.forks.dashboard import refusals
from shop.pricing.guard import PriceChange, Undercut, guard_prices, guarded
from shop.pricing.worst_prices import sold


class SetProductPriceAction(bulk_actions.SetProductPriceAction):
    def execute(self, request, objects, form):
        StockRecord = get_model("partner", "StockRecord")
        records = StockRecord.objects.filter(product__in=list(objects.values_list("pk", flat=True)))
        before = dict(records.values_list("pk", "price"))
        try:
            with guarded():
                super().execute(request, objects, form)
                now = records.filter(price__isnull=False).select_related(
                    "product__product_class", "product__parent__product_class"
                )
                guard_prices(
                    [change_of(record, before[record.pk]) for record in now if record.price != before[record.pk]],
                    label=_("Prices of several products"),
                    at=timezone.now(),
                    actor_id=request.user.pk,
                )
        except Undercut as refusal:
            refusals.tell(request, refusal)


def change_of(record, before):
    item = sold(record)
    return PriceChange(
        sku=item.sku,
        title=item.title,
        product_class=item.product_class,
        price=item.price,
        before=before,
        currency=item.currency,
    )
