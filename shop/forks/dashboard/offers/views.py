"""An offer that was stopped is checked again before it runs."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from oscar.apps.dashboard.offers import views
from oscar.apps.dashboard.offers.views import *

from shop.pricing.guard import Undercut, guard_offer, guarded


class OfferDetailView(views.OfferDetailView):
    def unsuspend(self):
        try:
            with guarded():
                answer = super().unsuspend()
                if not self.offer.is_suspended:
                    guard_offer(self.offer, at=timezone.now(), actor_id=self.request.user.pk)
                return answer
        except Undercut as refusal:
            forget_messages(self.request)
            for message in refusal.messages:
                messages.error(self.request, message)
            return redirect("dashboard:offer-detail", pk=self.offer.pk)


def forget_messages(request):
    """Drop what this request was about to say: what it tells of was taken back."""
    messages.get_messages(request)._queued_messages.clear()
