from django.apps import AppConfig


class CatalogueIndexConfig(AppConfig):
    name = "shop.catalogue"
    label = "shop_catalogue"

    def ready(self) -> None:
        from shop.catalogue import receivers

        receivers.connect()
