"""Flash messages after a change of the basket: plain text, and none about the new total, which the page shows."""

from django.contrib import messages
from django.utils.translation import gettext as _
from oscar.apps.basket import utils


class BasketMessageGenerator(utils.BasketMessageGenerator):
    def get_new_total_messages(self, basket, include_buttons=True):
        return []

    def get_offer_lost_messages(self, offers_before, offers_after):
        lost = set(offers_before) - set(offers_after)
        text = _("Your basket no longer qualifies for “%(offer)s”.")
        return [(messages.WARNING, text % {"offer": offers_before[pk].name}) for pk in sorted(lost)]

    def get_offer_gained_messages(self, offers_before, offers_after):
        gained = set(offers_after) - set(offers_before)
        text = _("Your basket now qualifies for “%(offer)s”.")
        return [(messages.SUCCESS, text % {"offer": offers_after[pk].name}) for pk in sorted(gained)]
