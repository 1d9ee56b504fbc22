from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "shop.subscriptions"
    label = "shop_subscriptions"

    def ready(self) -> None:
        from shop.payments.services import payments
        from shop.subscriptions.services import collecting

        payments.listen(collecting.PREFIX, collecting.on_payment)
