from django.apps import AppConfig


class PurchasingConfig(AppConfig):
    name = "shop.purchasing"
    label = "shop_purchasing"
