"""Offers are saved only when the undercut guard lets them: see shop.pricing.promotion_guard."""

from django.utils import timezone
from oscar.apps.dashboard.offers import wizard_views
from oscar.apps.dashboard.offers.wizard_views import *

from shop.forks.dashboard import refusals
from shop.pricing.guard import Undercut, guarded
from shop.pricing.promotion_guard import guard_offers_like


class OfferWizardStepView(wizard_views.OfferWizardStepView):
    def dispatch(self, request, *args, **kwargs):
        """Show a refusal on the step that would have saved; what was typed in all steps stays."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except Undercut as refusal:
            form = self.get_form()
            form.is_valid()
            refusals.tell_in_form(request, form, refusal)
            return self.form_invalid(form)

    def save_offer(self, offer):
        self.saved_offer = offer
        with guarded():
            return super().save_offer(offer)

    def _flush_session(self):
        """All parts of the offer are saved by now, and nothing that was typed is forgotten yet."""
        guard_offers_like(self.saved_offer, at=timezone.now(), actor_id=self.request.user.pk)
        super()._flush_session()
