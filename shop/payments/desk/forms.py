"""Filters of the lists."""

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.payments.models import Dispute, Payment, WebhookEvent

ALL = ("", _("all"))


class InboxFilter(forms.Form):
    state = forms.ChoiceField(label=_("State"), required=False, choices=[ALL, *WebhookEvent.State.choices])
    kind = forms.CharField(label=_("Kind starts with"), required=False, max_length=80)
    q = forms.CharField(label=_("Event"), required=False, max_length=64)


class PaymentFilter(forms.Form):
    state = forms.ChoiceField(label=_("State"), required=False, choices=[ALL, *Payment.State.choices])
    q = forms.CharField(label=_("Reference, intent or company"), required=False, max_length=100)


class DisputeFilter(forms.Form):
    state = forms.ChoiceField(label=_("State"), required=False, choices=[ALL, *Dispute.State.choices])
