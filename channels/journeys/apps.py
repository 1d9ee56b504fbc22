from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "channels.journeys"
    label = "channels_journeys"
