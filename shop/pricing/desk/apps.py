from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PricingDeskConfig(AppConfig):
    name = "shop.pricing.desk"
    label = "shop_pricing_desk"
    verbose_name = _("Prices at the desk")
