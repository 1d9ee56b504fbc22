from django.apps import AppConfig


class BuyingConfig(AppConfig):
    name = "shop.buying"
    label = "shop_buying"

    def ready(self) -> None:
        from oscar.apps.analytics.receivers import receive_order_placed
        from oscar.apps.order.signals import order_placed

        from shop.buying import basket_counts
        from shop.buying.services import settlement
        from shop.payments.services import payments

        # Runs after the commit instead (services.after_placing): its counters lock rows that all buyers share.
        order_placed.disconnect(receive_order_placed)
        basket_counts.connect()
        payments.listen(settlement.PREFIX, settlement.on_payment)
