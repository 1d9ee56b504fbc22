from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "shop.accounts"
    label = "shop_accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from shop.accounts import receivers  # noqa: F401
