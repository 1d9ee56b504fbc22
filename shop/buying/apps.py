from django.apps import AppConfig


class BuyingConfig(AppConfig):
    name = "shop.buying"
    label = "shop_buying"
