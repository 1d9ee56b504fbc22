from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "channels.notices"
    label = "channels_notices"

    def ready(self) -> None:
        # Services send the task by name, since they may not import the tasks that call them: register it here.
        from channels.notices import tasks  # noqa: F401
