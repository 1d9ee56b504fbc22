"""A range that offers use is changed only when nothing it makes cheaper undercuts a partner: see shop.pricing."""

from django.shortcuts import redirect
from django.utils import timezone
from oscar.apps.dashboard.ranges import views
from oscar.apps.dashboard.ranges.views import *

from shop.forks.dashboard import refusals
from shop.pricing.guard import Undercut
from shop.pricing.promotion_guard import guarded_range


class RangeUpdateView(views.RangeUpdateView):
    def form_valid(self, form):
        try:
            with guarded_range(self.object, at=timezone.now(), actor_id=self.request.user.pk):
                return super().form_valid(form)
        except Undercut as refusal:
            refusals.tell_in_form(self.request, form, refusal)
            return self.form_invalid(form)


class RangeProductListView(views.RangeProductListView):
    def post(self, request, *args, **kwargs):
        """Products are added, excluded and taken out here, one by one, by list or by file."""
        range_ = self.get_product_range()
        try:
            with guarded_range(range_, at=timezone.now(), actor_id=request.user.pk):
                return super().post(request, *args, **kwargs)
        except Undercut as refusal:
            refusals.tell(request, refusal)
            return redirect("dashboard:range-products", pk=range_.pk)
