from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "shop.payments"
    label = "shop_payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        # Services send the tasks by name, since they may not import the tasks that call them: register them here.
        from shop.payments import tasks  # noqa: F401
