from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "shop.credit"
    label = "shop_credit"
