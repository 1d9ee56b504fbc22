from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "shop.subscriptions"
    label = "shop_subscriptions"
