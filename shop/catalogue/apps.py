from django.apps import AppConfig


class CatalogueIndexConfig(AppConfig):
    name = "shop.catalogue"
    label = "shop_catalogue"

    def ready(self) -> None:
        from channels import api
        from shop.catalogue import receivers
        from shop.catalogue.vocabulary import vocabulary

        receivers.connect()
        api.provide_vocabulary(vocabulary)
