"""The page for paying, in place of Stripe's form: clearly a test, and only where the fake is configured.

Whoever has the client secret may pay, as with Stripe. What the payer does reaches the store as it would from Stripe: by
a signed webhook, delivered before the browser is back.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from shop.forks.customer.redirects import safe_next
from shop.payments.amounts import from_stripe
from shop.payments.fake_stripe import deliveries, instruments, payer
from shop.payments.fake_stripe.wire import ApiError

OVER = ("succeeded", "processing", "canceled")


@method_decorator(never_cache, name="dispatch")
class PayView(View):
    """Test cards and accounts as buttons, then the bank's question where there is one; and back to the store."""

    def get(self, request: HttpRequest, client_secret: str) -> HttpResponse:
        return self.page(request, self.intent(client_secret))

    def post(self, request: HttpRequest, client_secret: str) -> HttpResponse:
        intent = self.intent(client_secret)
        try:
            intent = self.act(request, intent)
        except ApiError:  # it is over meanwhile: the page says how
            intent = self.intent(client_secret)
        deliveries.deliver_waiting(at=timezone.now())
        if intent["status"] in OVER:
            return redirect(self.way_back(request, intent))
        return self.page(request, intent)

    def intent(self, client_secret: str) -> dict[str, Any]:
        intent = payer.intent_of(client_secret)
        if intent is None:
            raise Http404
        return intent

    def act(self, request: HttpRequest, intent: dict[str, Any]) -> dict[str, Any]:
        answer, number = request.POST.get("bank", ""), request.POST.get("number", "")
        if answer in ("yes", "no"):
            return payer.answer_bank(intent["client_secret"], confirms=answer == "yes")
        if number in {row.number for row in instruments.for_types(intent["payment_method_types"])}:
            return payer.pay(intent["client_secret"], number)
        return intent

    def page(self, request: HttpRequest, intent: dict[str, Any]) -> HttpResponse:
        error = intent.get("last_payment_error") or intent.get("last_setup_error") or {}
        context = {
            "intent": intent,
            "is_setup": intent["object"] == "setup_intent",
            "amount": from_stripe(intent["amount"], intent["currency"]) if "amount" in intent else None,
            "currency": intent.get("currency", "").upper(),
            "asks": intent["status"] == "requires_action",
            "is_over": intent["status"] in OVER,
            "choices": instruments.for_types(intent["payment_method_types"]),
            "problem": error.get("message", ""),
            "back": self.way_back(request, intent),
        }
        return render(request, "payments/fake_pay.html", context)

    def way_back(self, request: HttpRequest, intent: dict[str, Any]) -> str:
        """Return the wanted address, on this host only, with what Stripe adds to it."""
        wanted = safe_next(request, default=reverse("customer:summary"), url=request.GET.get("return_url", ""))
        parts = urlsplit(wanted)
        added = [(intent["object"], intent["id"]), ("redirect_status", intent["status"])]
        return urlunsplit(parts._replace(query=urlencode(parse_qsl(parts.query) + added)))
