from django.apps import AppConfig


class CatalogueIndexConfig(AppConfig):
    name = "shop.catalogue"
    label = "shop_catalogue"
