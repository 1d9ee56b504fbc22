from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PricingConfig(AppConfig):
    name = "shop.pricing"
    label = "shop_pricing"
    verbose_name = _("Prices")

    def ready(self) -> None:
        from shop.pricing import checks  # noqa: F401  registers itself
