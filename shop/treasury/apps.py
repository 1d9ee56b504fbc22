from django.apps import AppConfig


class TreasuryConfig(AppConfig):
    name = "shop.treasury"
    label = "shop_treasury"
