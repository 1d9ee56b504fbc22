from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "channels.audit"
    label = "channels_audit"
