"""An offer that was stopped is checked again before it runs."""

from django.shortcuts import redirect
from django.utils import timezone
from oscar.apps.dashboard.offers import views
from oscar.apps.dashboard.offers.views import *

from shop.forks.dashboard import refusals
from shop.pricing.guard import Undercut, guarded
from shop.pricing.promotion_guard import guard_offer


class OfferDetailView(views.OfferDetailView):
    def unsuspend(self):
        try:
            with guarded():
                answer = super().unsuspend()
                if not self.offer.is_suspended:
                    guard_offer(self.offer, at=timezone.now(), actor_id=self.request.user.pk)
                return answer
        except Undercut as refusal:
            refusals.tell(self.request, refusal)
            return redirect("dashboard:offer-detail", pk=self.offer.pk)
