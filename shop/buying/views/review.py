"""Payment and review, placing the order, and its confirmation."""

import logging
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from oscar.apps.order.models import Order

from channels import api
from channels.contracts import Channel, Medium
from shop.buying import checkout_state, selectors
from shop.buying.errors import AlreadyOrdered, CannotPlace, DeliveryMissing, PartnerUnavailable, PaymentUnderway
from shop.buying.forms import PurchaseOrderForm
from shop.buying.services import attempts, settlement
from shop.buying.totals import Seen, Totals
from shop.buying.views import paying
from shop.buying.views.checkout import CheckoutView, steps
from shop.buying.ways_to_pay import Way, chosen, ways_for
from shop.buying.wishes import Method
from shop.companies.services.spending import left_to_spend
from shop.credit.selectors import standing
from shop.forks.basket.models import Basket
from shop.tax.notes import note_on_order

logger = logging.getLogger(__name__)
SALT = "checkout.review"
MAX_AGE = 12 * 3600
NO_WAY = gettext_lazy(
    "This customer does not buy on invoice, and only its own people can pay. Ask them to place the order."
)
NO_WAY_AT_ALL = gettext_lazy(
    "There is no way to pay for this order at the moment. Please call us; your basket is kept."
)


class Reviewed:
    """What the review page showed, as it comes back with the button: signed, so that nobody can change it."""

    def __init__(self, *, key: UUID, user_id: int | None, basket_id: int, seen: Seen) -> None:
        self.key, self.user_id, self.basket_id, self.seen = key, user_id, basket_id, seen

    def token(self) -> str:
        data = {"key": str(self.key), "user": self.user_id, "basket": self.basket_id, "seen": asdict(self.seen)}
        return signing.dumps(data, salt=SALT, compress=True)

    @classmethod
    def read(cls, token: str, *, user_id: int | None) -> "Reviewed | None":
        """Return what was shown; None for a token that is forged, too old, or another user's."""
        try:
            data = signing.loads(token, salt=SALT, max_age=MAX_AGE)
        except signing.BadSignature:
            return None
        if data["user"] != user_id:
            return None
        return cls(key=UUID(data["key"]), user_id=user_id, basket_id=data["basket"], seen=Seen.from_dict(data["seen"]))


class ReviewView(CheckoutView):
    """All facts on one page, the purchase order number, and the button."""

    step = "preview"

    @cached_property
    def ways(self) -> list[Way]:
        return ways_for(self.membership)

    def already_placed(self, request: HttpRequest) -> HttpResponse | None:
        """Return the way to the order of a button pressed again: its basket is gone, and the choices with it."""
        reviewed = Reviewed.read(request.POST.get("reviewed", ""), user_id=request.user.pk)
        if reviewed is None:
            return None
        orders = Order.objects.filter(basket_id=reviewed.basket_id, basket__owner_id=request.user.pk)
        if order := orders.select_related("purchase").first():
            return redirect("checkout:thank-you", public_ref=order.purchase.public_ref)
        attempt = selectors.attempts_of(user=request.user).filter(key=reviewed.key, payment__isnull=False).first()
        return redirect(paying.page_of(attempt)) if attempt else None

    def stopped(self, request: HttpRequest) -> HttpResponse | None:
        """A POST goes through without a look at the basket: placing reads it under its lock, and tells what changed."""
        if request.method == "POST":
            if self.choices.has_channel:
                return None
            return self.already_placed(request) or redirect("checkout:how-to-buy")
        if back := super().stopped(request):
            return back
        return None if self.choices.has_channel else redirect("checkout:how-to-buy")

    def get(self, request: HttpRequest) -> HttpResponse:
        form = PurchaseOrderForm(
            membership=self.membership,
            initial={
                "purchase_order_number": self.choices.purchase_order_number,
                "cost_centre": self.choices.cost_centre_id,
            },
        )
        return self.page(form)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PurchaseOrderForm(request.POST, membership=self.membership)
        reviewed = Reviewed.read(request.POST.get("reviewed", ""), user_id=request.user.pk)
        if not form.is_valid():
            return self.already_placed(request) or self.page(form, status=422)
        self.choices.pay_with = request.POST.get("pay_with", "")[:40]
        self.choices.purchase_order_number = form.cleaned_data["purchase_order_number"]
        cost_centre = form.cleaned_data.get("cost_centre")
        self.choices.cost_centre_id = cost_centre.pk if cost_centre else None
        checkout_state.save(request, self.choices)
        if reviewed is None:
            return self.page(
                form, problems=[_("This page was open for too long. Please check your order again.")], status=422
            )
        way = chosen(self.ways, self.choices.pay_with)
        if way is None:
            return self.page(form, problems=[_("Please choose how you want to pay.")], status=422)
        return self.place(request, form, reviewed, way)

    def place(self, request: HttpRequest, form: PurchaseOrderForm, reviewed: Reviewed, way: Way) -> HttpResponse:
        try:
            if way.method == Method.INVOICE:
                order = attempts.order_once(**self.wish(request, reviewed, way))
                checkout_state.clear(request)
                return redirect("checkout:thank-you", public_ref=order.purchase.public_ref)
            return self.pay(request, form, reviewed, way)
        except PaymentUnderway as error:
            return redirect("checkout:pay", key=error.attempt.key)
        except PartnerUnavailable as error:
            self.choices.forget_channel()
            checkout_state.save(request, self.choices)
            messages.warning(request, error.messages[0])
            return redirect("checkout:how-to-buy")
        except DeliveryMissing as error:
            messages.warning(request, error.messages[0])
            return redirect("checkout:delivery")
        except CannotPlace as error:
            return self.refused(request, form, error)

    def pay(self, request: HttpRequest, form: PurchaseOrderForm, reviewed: Reviewed, way: Way) -> HttpResponse:
        """Begin the payment; the order is placed once it is paid, wherever the buyer is by then."""
        try:
            attempt = settlement.begin(
                **self.wish(request, reviewed, way),
                saved_method=way.saved,
                save_method=form.cleaned_data["keep_card"] and way.is_new_card,
            )
        except AlreadyOrdered as error:
            return redirect("checkout:thank-you", public_ref=error.order.purchase.public_ref)
        checkout_state.clear(request)
        return redirect(paying.page_of(paying.send(request, attempt)))

    def wish(self, request: HttpRequest, reviewed: Reviewed, way: Way) -> dict[str, Any]:
        return {
            "key": reviewed.key,
            "user": self.membership.user,
            "placed_by": request.user if self.membership.on_behalf else None,
            "basket": Basket(pk=reviewed.basket_id),
            "expected": reviewed.seen,
            "now": timezone.now(),
            "company": self.company,
            "channel": Channel(self.choices.channel),
            "chosen_partner": self.choices.partner_code,
            "shipping_address": checkout_state.chosen_address(self.choices, membership=self.membership),
            "shipping_code": self.choices.shipping_code,
            # Asked in this order: what is shipped at all only the basket's lines know, and placing reads them again.
            "requested_on": self.choices.requested_on if self.choices.requested_on and self.is_shipped else "",
            "purchase_order_number": self.choices.purchase_order_number,
            "cost_centre_id": self.choices.cost_centre_id,
            "payment_method": way.method,
            **self.came_through(request),
        }

    def came_through(self, request: HttpRequest) -> dict[str, Any]:
        """Return how the order came in; the visits of somebody in the buyer's place are not the customer's journey."""
        on_behalf = self.membership.on_behalf
        if on_behalf is None:
            return {"visitor_key": getattr(request, "visitor_key", "")}
        return {"medium": Medium.PARTNER_PORTAL if on_behalf.partner_code else Medium.FIELD_SALES}

    def refused(self, request: HttpRequest, form: PurchaseOrderForm, error: CannotPlace) -> HttpResponse:
        """Show the order as it is now, with the reasons; a basket that cannot be ordered at all goes back to its page."""
        request.basket.reset_offer_applications()  # type: ignore[attr-defined]  # read its lines again
        return self.page(form, problems=error.messages, status=409)

    def page(self, form: PurchaseOrderForm, *, problems: list[str] | None = None, status: int = 200) -> HttpResponse:
        if super().stopped(self.request):
            return redirect("basket:summary")
        address = self.address()
        if self.is_shipped and (address is None or not self.choices.shipping_code):
            return redirect("checkout:delivery")
        priced = self.totals(address)
        if priced.method is None:
            messages.warning(self.request, _("We do not deliver to this country. Please choose another address."))
            return redirect("checkout:delivery")
        partner = self.partner(address)
        if self.choices.channel == Channel.RESELLER and partner is None:
            self.choices.forget_channel()
            checkout_state.save(self.request, self.choices)
            messages.warning(
                self.request, _("Your reseller cannot take this order at the moment. Please choose again.")
            )
            return redirect("checkout:how-to-buy")
        reviewed = Reviewed(key=uuid4(), user_id=self.request.user.pk, basket_id=priced.basket.pk, seen=priced.seen())
        return self.show(
            "review",
            address,
            status,
            priced=priced,
            address=address,
            partner=partner,
            form=form,
            **self.payment_context(priced),
            no_way=NO_WAY if self.membership.on_behalf else NO_WAY_AT_ALL,
            left_to_spend=left_to_spend(membership=self.membership, now=timezone.now()),
            problems=problems or [],
            requested_on=date.fromisoformat(self.choices.requested_on) if self.choices.requested_on else None,
            reviewed=reviewed.token(),
        )

    def payment_context(self, priced: Totals) -> dict[str, Any]:
        credit = standing(company=self.company, currency=priced.currency, at=timezone.now())
        ways = ways_for(self.membership, credit=credit, total=priced.total_incl_tax)
        wanted = chosen(ways, self.choices.pay_with)
        return {
            "ways": ways,
            "chosen_way": wanted if wanted and wanted.is_open else chosen(ways, ""),
            "may_keep_card": any(way.is_new_card for way in ways),
        }

    def partner(self, address: Any) -> Any:
        if self.choices.channel != Channel.RESELLER:
            return None
        found = self.partner_choices(country=self.country(address))
        return next((choice.card for choice in found if choice.card.code == self.choices.partner_code), None)


class ThankYouView(View):
    """The confirmation, by the order's public reference, for those who may see the order."""

    def get(self, request: HttpRequest, public_ref: str) -> HttpResponse:
        visible = selectors.orders_visible_to(request.membership)  # type: ignore[attr-defined]
        visible = visible.select_related("purchase__company", "shipping_address__country")
        order = get_object_or_404(visible, purchase__public_ref=public_ref)
        lines = list(order.lines.select_related("details", "product").order_by("pk"))
        purchase = order.purchase
        return render(
            request,
            "oscar/checkout/thank_you.html",
            {
                "steps": steps("done", is_shipped=order.shipping_address is not None),
                "order": order,
                "purchase": purchase,
                "lines": lines,
                "has_subscription": any(hasattr(line, "details") for line in lines),
                "order_channel": api.order_channel(number=order.number),
                "tax_note": note_on_order(order),
                "seller_name": settings.OSCAR_SHOP_NAME,
            },
        )
