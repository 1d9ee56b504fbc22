"""What waits for finance and support: on a page of its own, and on the admin's front page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.components import Component

from shop.billing import ageing
from shop.billing.models import Invoice
from shop.operations.back_office import StaffTemplate
from shop.treasury import watches

VIEW = "shop_treasury.view_waiting"


class TreasuryHome(StaffTemplate):
    """Each watch with its count and its oldest, and what is open by age."""

    permission_required = VIEW
    template_name = "shop/treasury/home.html"
    page_title = gettext_lazy("What waits")
    header_icon = "clipboard-list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        ages = ageing.aged(Invoice.objects.all(), on=timezone.localdate(now))
        waiting = watches.look(now=now, may=self.request.user.has_perm)
        return super().get_context_data(**kwargs, waiting=waiting, ages=ages)


class WaitingPanel(Component):
    """What waits, on the front page of the admin; only what is not calm."""

    name = "treasury_waiting"
    template_name = "shop/treasury/panel.html"
    order = 50

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        waiting = watches.look(now=timezone.now(), may=self.request.user.has_perm)
        return {"waiting": [row for row in waiting if row.found.count]}
