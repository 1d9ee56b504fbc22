from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "channels.desk"
    label = "channels_desk"
