from django.apps import AppConfig


class CommissionsConfig(AppConfig):
    name = "channels.commissions"
    label = "channels_commissions"
