from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "shop.returns"
    label = "shop_returns"
