"""Paying an order: where the payer enters a card, what became of it, and how to give up.

Looking changes nothing: a page asks by POST, which htmx sends by itself and a button sends without it.
"""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import View

from shop.buying import selectors
from shop.buying.models import CheckoutAttempt
from shop.buying.services import settlement
from shop.buying.views.checkout import steps
from shop.payments.errors import ProviderAway
from shop.payments.models import Payment
from shop.payments.stripe_js import SOURCES

State = CheckoutAttempt.State


def page_of(attempt: CheckoutAttempt) -> str:
    """Return the address of the page that the buyer belongs on."""
    if attempt.state == State.PLACED:
        return reverse("checkout:thank-you", kwargs={"public_ref": attempt.result.purchase.public_ref})
    is_payable = attempt.is_open and attempt.funding.state in (Payment.State.CREATED, Payment.State.REQUIRES_ACTION)
    return reverse("checkout:pay" if is_payable else "checkout:paying", kwargs={"key": attempt.key})


def send(request: HttpRequest, attempt: CheckoutAttempt) -> CheckoutAttempt:
    """Hand the payment to Stripe; while it does not answer, the payment page says so and tries again."""
    try:
        return settlement.send(attempt_id=attempt.pk, at=timezone.now())
    except ProviderAway as error:
        messages.warning(request, str(error))
        return attempt


class AttemptView(View):
    """A page of an attempt, for the one whose it is."""

    def attempt(self, request: HttpRequest, key: UUID) -> CheckoutAttempt:
        return get_object_or_404(selectors.attempts_of(user=request.user), key=key)

    def context(self, attempt: CheckoutAttempt) -> dict[str, Any]:
        payment = attempt.funding
        return {
            "attempt": attempt,
            "payment": payment,
            "decline": payment.failure_message if payment.is_declined else "",
            "steps": steps("preview", is_shipped=attempt.agreed.get("address") is not None),
        }


class PayView(AttemptView):
    """The way to the page on which the payment is made."""

    def get(self, request: HttpRequest, key: UUID) -> HttpResponse:
        attempt = self.attempt(request, key)
        page = page_of(attempt)
        if page != request.path:
            return redirect(page)
        if not attempt.funding.client_secret:
            return render(request, "oscar/checkout/pay_later.html", self.context(attempt))
        return_url = reverse("checkout:paying", kwargs={"key": key})
        if settings.STRIPE_PUBLISHABLE_KEY:
            return self.element(request, attempt, return_url)
        fake = reverse("fake_stripe_pay", kwargs={"client_secret": attempt.funding.client_secret})
        return redirect(f"{fake}?{urlencode({'return_url': return_url})}")

    def element(self, request: HttpRequest, attempt: CheckoutAttempt, return_url: str) -> HttpResponse:
        """Stripe's Payment Element: card numbers never reach this store."""
        context = self.context(attempt) | {
            "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
            "return_url": settings.BASE_URL + return_url,
            "language": get_language(),
        }
        response = render(request, "oscar/checkout/pay.html", context)
        response._csp_update = SOURCES  # type: ignore[attr-defined]  # django-csp reads it
        return response

    def post(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """Try again to reach Stripe."""
        return redirect(page_of(send(request, self.attempt(request, key))))


class PayingView(AttemptView):
    """Where the payer comes back to: what became of the payment, and of the order."""

    def get(self, request: HttpRequest, key: UUID) -> HttpResponse:
        attempt = self.attempt(request, key)
        if attempt.state == State.PLACED:
            return redirect(page_of(attempt))
        context = self.context(attempt) | {"has_looked": "looked" in request.GET}
        return render(request, "oscar/checkout/paying.html", context)

    def post(self, request: HttpRequest, key: UUID) -> HttpResponse:
        attempt, problem = self.attempt(request, key), ""
        try:
            settlement.check(attempt_id=attempt.pk, at=timezone.now())
        except ProviderAway as error:
            problem = str(error)
        attempt = self.attempt(request, key)
        if not request.htmx:  # type: ignore[attr-defined]
            if problem:
                messages.warning(request, problem)
            return redirect(reverse("checkout:paying", kwargs={"key": key}) + "?looked=1")
        if attempt.state == State.PLACED:
            response = HttpResponse()
            response["HX-Redirect"] = page_of(attempt)
            return response
        context = self.context(attempt) | {"problem": problem, "has_looked": True}
        return render(request, "oscar/checkout/partials/paying.html", context)


class StopView(AttemptView):
    """Give up paying, and have the basket again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, key: UUID) -> HttpResponse:
        attempt = self.attempt(request, key)
        try:
            attempt = settlement.abandon(attempt_id=attempt.pk, at=timezone.now())
        except ProviderAway as error:
            messages.warning(request, str(error))
            return redirect(reverse("checkout:paying", kwargs={"key": key}) + "?looked=1")
        if attempt.state != State.FAILED:
            return redirect(page_of(attempt))
        messages.success(request, _("Nothing was charged. Your basket is as it was."))
        return redirect("basket:summary")
