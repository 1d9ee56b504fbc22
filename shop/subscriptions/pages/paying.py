"""Paying a renewal that is past due or waits for the bank's confirmation, and how the next ones are paid."""

from urllib.parse import urlencode

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shop.companies.capabilities import Capability
from shop.payments.errors import CannotPay, ProviderAway
from shop.payments.models import Payment
from shop.payments.services import payments
from shop.payments.stripe_js import SOURCES
from shop.subscriptions import selectors
from shop.subscriptions.errors import SubscriptionRefused
from shop.subscriptions.models import Subscription
from shop.subscriptions.pages.listing import AccountPage
from shop.subscriptions.services import collecting, methods


def to_payment_form(request: HttpRequest, subscription: Subscription, payment: Payment) -> HttpResponse:
    """Lead to where the payment is completed: Stripe's form on our page, or the fake's page."""
    if settings.STRIPE_PUBLISHABLE_KEY or not payment.client_secret:
        return redirect("customer:subscription-pay", pk=subscription.pk)
    back = reverse("customer:subscription-paid", kwargs={"pk": subscription.pk})
    fake = reverse("fake_stripe_pay", kwargs={"client_secret": payment.client_secret})
    return redirect(f"{fake}?{urlencode({'return_url': back})}")


class MoneyPage(AccountPage):
    """For those who buy or pay for the company, and for nobody in their place."""

    capability = (Capability.ORDER, Capability.PAY_INVOICES)

    def payable(self, pk: int) -> Subscription:
        if self.membership.on_behalf:
            raise PermissionDenied(_("Only the company's own people pay for its subscriptions."))
        rows = selectors.visible_to(self.membership, Capability.ORDER)
        rows |= selectors.visible_to(self.membership, Capability.PAY_INVOICES)
        return get_object_or_404(rows.select_related("plan", "product__parent", "company"), pk=pk)


class PayPage(MoneyPage):
    """Complete the payment that waits."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        subscription = self.payable(pk)
        payment = next(iter(collecting.waiting_payments(subscription)), None)
        if payment is None or not payment.client_secret or not settings.STRIPE_PUBLISHABLE_KEY:
            return redirect("customer:subscription", pk=pk)
        return self.element(request, subscription, payment)

    @method_decorator(csp_update(SOURCES))
    def element(self, request: HttpRequest, subscription: Subscription, payment: Payment) -> HttpResponse:
        """Stripe's Payment Element: card numbers never reach this store."""
        back = reverse("customer:subscription-paid", kwargs={"pk": subscription.pk})
        return self.page(
            "subscription_pay",
            _("Pay"),
            subscription=subscription,
            payment=payment,
            publishable_key=settings.STRIPE_PUBLISHABLE_KEY,
            return_url=settings.BASE_URL + back,
            language=get_language(),
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        subscription, now = self.payable(pk), timezone.now()
        try:
            payment = collecting.pay_now(subscription_id=subscription.pk, at=now)
            payment = payments.send(payment_id=payment.pk, at=now)
        except (SubscriptionRefused, CannotPay) as refusal:
            messages.error(request, str(refusal))
            return redirect("customer:subscription", pk=pk)
        return to_payment_form(request, subscription, payment)


class PaidPage(MoneyPage):
    """Where the payer comes back to. Looking changes nothing: the page asks by POST, by itself where it can."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page("subscription_paid", _("Your payment"), subscription=self.payable(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        subscription, now = self.payable(pk), timezone.now()
        try:
            for payment in collecting.waiting_payments(subscription):
                payments.refresh(payment_id=payment.pk, at=now)
                payments.tell(payment_id=payment.pk, at=now)
        except ProviderAway as error:
            messages.warning(request, str(error))
        back = reverse("customer:subscription", kwargs={"pk": pk})
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(headers={"HX-Redirect": back})
        return redirect(back)


class MethodView(MoneyPage):
    """How the next renewals are paid."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        subscription = self.payable(pk)
        try:
            methods.pay_by(
                subscription_id=subscription.pk, kind=request.POST.get("method", ""), at=timezone.now(), by=self.actor
            )
        except SubscriptionRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Saved. The next renewal is paid like that."))
        return redirect("customer:subscription", pk=pk)
