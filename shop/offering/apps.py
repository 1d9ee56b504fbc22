from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfferingConfig(AppConfig):
    name = "shop.offering"
    label = "shop_offering"
    verbose_name = _("Offerings")

    def ready(self) -> None:
        from shop.offering import receivers

        receivers.connect()
