from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "shop.billing"
    label = "shop_billing"

    def ready(self) -> None:
        from shop.billing.services import chargebacks, paying
        from shop.payments.services.payments import listen

        listen(paying.PREFIX, paying.settle)
        listen("", chargebacks.book)
