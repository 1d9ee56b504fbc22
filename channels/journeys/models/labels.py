"""What pages call the values that cross the door."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels.contracts import Channel, Medium, OrderEventKind, TouchKind

Choices = list[tuple[str, str | Promise]]

TOUCH_KINDS: Choices = [
    (TouchKind.LINK.value, _("Partner link")),
    (TouchKind.REFERRAL_CODE.value, _("Referral code")),
    (TouchKind.CAMPAIGN.value, _("Campaign")),
    (TouchKind.FORM.value, _("Form")),
    (TouchKind.QUOTE.value, _("Quote")),
    (TouchKind.CALL.value, _("Call")),
    (TouchKind.VISIT.value, _("Visit")),
    (TouchKind.DEMO.value, _("Demonstration")),
    (TouchKind.EVENT.value, _("Event")),
    (TouchKind.TRAINING.value, _("Training")),
    (TouchKind.INTRODUCTION.value, _("Introduction")),
    (TouchKind.LEAD.value, _("Lead")),
    (TouchKind.DEAL_REGISTRATION.value, _("Deal registration")),
]
MEDIA: Choices = [
    (Medium.WEB.value, _("Web shop")),
    (Medium.PARTNER_LINK.value, _("Partner link")),
    (Medium.CAMPAIGN.value, _("Campaign")),
    (Medium.CALL_CENTRE.value, _("Call centre")),
    (Medium.FIELD_SALES.value, _("Field sales")),
    (Medium.EVENT.value, _("Event")),
    (Medium.RENEWAL.value, _("Renewal")),
    (Medium.API.value, _("API")),
    (Medium.PUNCH_OUT.value, _("Punch-out")),
    (Medium.PARTNER_PORTAL.value, _("Partner portal")),
]
CHANNELS: Choices = [
    (Channel.DIRECT.value, _("Direct")),
    (Channel.RESELLER.value, _("Through a reseller")),
]
EVENT_KINDS: Choices = [
    (OrderEventKind.PAID.value, _("Paid")),
    (OrderEventKind.UNPAID.value, _("Payment taken back by the bank")),
    (OrderEventKind.DELIVERED.value, _("Delivered")),
    (OrderEventKind.REFUNDED.value, _("Refunded")),
    (OrderEventKind.CANCELLED.value, _("Cancelled")),
]
