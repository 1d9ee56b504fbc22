"""Vouchers are saved only when their offers undercut no partner while they can be redeemed: see shop.pricing."""

from django.utils import timezone
from oscar.apps.dashboard.vouchers import views
from oscar.apps.dashboard.vouchers.views import *

from shop.forks.dashboard import refusals
from shop.pricing.guard import Undercut, guarded
from shop.pricing.promotion_guard import guard_voucher


class GuardedMixin:
    def form_valid(self, form):
        before = self.object
        try:
            with guarded():
                answer = super().form_valid(form)
                offers = form.cleaned_data["offers"]
                guard_voucher(self.object, offers, at=timezone.now(), actor_id=self.request.user.pk)
                return answer
        except Undercut as refusal:
            self.object = before
            refusals.tell_in_form(self.request, form, refusal)
            return self.form_invalid(form)


class VoucherCreateView(GuardedMixin, views.VoucherCreateView):
    pass


class VoucherUpdateView(GuardedMixin, views.VoucherUpdateView):
    pass


class VoucherSetCreateView(GuardedMixin, views.VoucherSetCreateView):
    pass


class VoucherSetUpdateView(GuardedMixin, views.VoucherSetUpdateView):
    pass
