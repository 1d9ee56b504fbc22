from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReturnsConfig(AppConfig):
    name = "shop.returns"
    label = "shop_returns"
    verbose_name = _("Returns")

    def ready(self) -> None:
        from shop.payments.services import refunds
        from shop.returns import tasks  # noqa: F401
        from shop.returns.services import repayments

        refunds.listen(repayments.PREFIX, repayments.follow)
