from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HarmonyConfig(AppConfig):
    name = "channels.harmony"
    label = "channels_harmony"
    verbose_name = _("Harmony")

    def ready(self) -> None:
        from channels.commissions.services import rating
        from channels.harmony.services import proofs

        rating.AFTER_RATING.append(proofs.prove)
