"""What partners pay for what they resell, and minimum advertised prices."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from channels.core.ids import key
from channels.desk.harmony_forms import AdvertisedForm, BuyTermFilter, BuyTermForm
from channels.desk.pages import DeskForm, DeskList
from channels.desk.views.harmony import HARMONY_TRAIL
from channels.harmony.models import AdvertisedPrice, BuyTerm
from channels.harmony.services import terms

TERMS_TRAIL = (*HARMONY_TRAIL, ("desk_buy_terms", gettext_lazy("Partner prices")))


class BuyTermList(DeskList):
    """Agreed prices and discounts, the latest first; the minimum advertised prices below them."""

    permission = "channels_harmony.view_buyterm"
    act_permission = "channels_harmony.add_buyterm"
    page_title = gettext_lazy("Partner prices")
    template_name = "channels/desk/buy_term_list.html"
    trail = HARMONY_TRAIL
    filter_form = BuyTermFilter

    def rows(self, wanted: dict[str, Any]) -> QuerySet[BuyTerm]:
        found = BuyTerm.objects.select_related("partner", "recorded_by")
        if query := wanted.pop("q", ""):
            found = found.filter(
                Q(sku__icontains=query) | Q(product_class__icontains=query) | Q(reason__icontains=query)
            )
        return found.filter(**wanted).order_by("-valid_from", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        minima = AdvertisedPrice.objects.select_related("recorded_by").order_by("-valid_from", "-pk")[:50]
        return {**super().get_context_data(**kwargs), "minima": minima, "now": timezone.now()}


class BuyTermAdd(DeskForm):
    """Agree on a price or a discount. What holds already stays on record and is replaced from its start."""

    permission = "channels_harmony.add_buyterm"
    page_title = gettext_lazy("Agree on a price")
    form_class = BuyTermForm
    trail = TERMS_TRAIL
    refusals = (terms.TermsRefused,)

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "token": uuid4().hex}

    def form_valid(self, form: BuyTermForm) -> Any:
        self.facts = form.facts()
        return super().form_valid(form)

    def act(self, data: dict[str, Any], now: datetime) -> None:
        facts = dict(self.facts)
        terms.agree(key=key("desk", facts.pop("token")), at=now, actor=self.request.user, **facts)

    def get_success_url(self) -> str:
        return reverse("desk_buy_terms")


class AdvertisedAdd(DeskForm):
    """Set a minimum advertised price."""

    permission = "channels_harmony.add_advertisedprice"
    page_title = gettext_lazy("Set a minimum advertised price")
    form_class = AdvertisedForm
    trail = TERMS_TRAIL
    refusals = (terms.TermsRefused,)

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "token": uuid4().hex}

    def form_valid(self, form: AdvertisedForm) -> Any:
        self.facts = form.facts()
        return super().form_valid(form)

    def act(self, data: dict[str, Any], now: datetime) -> None:
        facts = dict(self.facts)
        terms.advertise(key=key("desk", facts.pop("token")), at=now, actor=self.request.user, **facts)

    def get_success_url(self) -> str:
        return reverse("desk_buy_terms")
