from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "shop.billing"
    label = "shop_billing"
