from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HarmonyConfig(AppConfig):
    name = "channels.harmony"
    label = "channels_harmony"
    verbose_name = _("Harmony")

    def ready(self) -> None:
        from channels.commissions.selectors import replay, verification
        from channels.commissions.services import rating
        from channels.harmony.selectors.promises import promised
        from channels.harmony.selectors.verification import top_ups
        from channels.harmony.services.proofs import prove

        rating.AFTER_RATING.append(prove)
        verification.CHECKS.append(top_ups)
        replay.provide_guarantees(promised)
