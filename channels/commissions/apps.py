from django.apps import AppConfig


class CommissionsConfig(AppConfig):
    name = "channels.commissions"
    label = "channels_commissions"

    def ready(self) -> None:
        # Services send tasks by name, since they may not import the tasks that call them: register them here.
        from channels.commissions import tasks  # noqa: F401
        from channels.commissions.services import adjustments, rating

        rating.AFTER_RATING.append(adjustments.follow)
