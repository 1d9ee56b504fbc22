"""Reminders and tries to come, in one list."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from shop.operations.back_office import StaffTemplate, paged
from shop.treasury import dunning
from shop.treasury.pages.forms import DunningFilter
from shop.treasury.pages.home import VIEW


class DunningPage(StaffTemplate):
    """Overdue invoices and unpaid renewals, by when the next step is due."""

    permission_required = VIEW
    template_name = "shop/treasury/dunning.html"
    page_title = gettext_lazy("Dunning")
    header_icon = "mail"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = DunningFilter(self.request.GET)
        kind = form.cleaned_data["kind"] if form.is_valid() else ""
        today = timezone.localdate()
        rows = dunning.steps(on=today, kind=kind)
        return super().get_context_data(**kwargs, filter_form=form, today=today, **paged(self.request, rows))
