from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentsConfig(AppConfig):
    name = "shop.segments"
    label = "shop_segments"
    verbose_name = _("Customer groups")

    def ready(self) -> None:
        from shop.segments import receivers

        receivers.connect()
