from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "channels.partners"
    label = "channels_partners"
