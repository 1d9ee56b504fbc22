"""Paying invoices: choose how, pay on the provider's form, and see what became of it.

Looking changes nothing: the page that waits for the bank asks by POST, by itself where it can.
"""

from urllib.parse import urlencode
from uuid import UUID, uuid4

from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shop.billing import selectors
from shop.billing.models import Invoice, JointPayment
from shop.billing.pages.listing import InvoicePage
from shop.billing.services import paying
from shop.companies.capabilities import Capability
from shop.payments import gateway
from shop.payments import selectors as payment_selectors
from shop.payments.errors import CannotPay, ProviderAway
from shop.payments.models import Payment, SavedMethod
from shop.payments.services import intents, payments
from shop.payments.stripe_js import SOURCES

NEW = "new:"


class WayForm(forms.Form):
    """`way` is a saved method's pk, or `new:` and a kind; `key` makes a second press the same request."""

    way = forms.CharField(max_length=20)
    key = forms.UUIDField()


class PayPage(InvoicePage):
    """The chosen invoices with what they come to, and the ways to pay them."""

    capability = Capability.PAY_INVOICES

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = self.chosen(request.GET.getlist("invoice"))
        if not rows:
            messages.warning(request, _("Choose the invoices that you want to pay."))
            return redirect("customer:invoices")
        currencies = {row.currency for row in rows}
        return self.page(
            "invoices_pay",
            _("Pay invoices"),
            rows=rows,
            currency=rows[0].currency if len(currencies) == 1 else "",
            total=sum(row.amount_due for row in rows),
            methods=self.saved() if gateway.takes_payments() else [],
            kinds=self.kinds(rows[0].currency) if gateway.takes_payments() else [],
            key=uuid4(),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        numbers = request.POST.getlist("invoice")
        form = WayForm(request.POST)
        back = f"{request.path}?{urlencode({'invoice': numbers}, doseq=True)}"
        if not form.is_valid():
            messages.error(request, _("Please choose how you want to pay."))
            return redirect(back)
        try:
            payment = self.start(self.chosen(numbers), **form.cleaned_data)
            payments.send(payment_id=payment.pk, at=timezone.now())
        except ProviderAway as error:
            messages.warning(request, str(error))
        except CannotPay as error:
            messages.error(request, str(error))
            return redirect(back)
        return redirect("customer:invoices-payment", key=form.cleaned_data["key"])

    def start(self, rows: list[Invoice], *, way: str, key: UUID) -> Payment:
        method = None if way.startswith(NEW) else self.saved_by(way)
        return paying.start(
            invoices=rows,
            company=self.company,
            kind=method.kind if method else way.removeprefix(NEW),
            saved_method=method,
            key=key,
            by=self.actor,  # type: ignore[arg-type]
            at=timezone.now(),
        )

    def chosen(self, numbers: list[str]) -> list[Invoice]:
        """Return those of the numbers that the person may pay, the oldest due first."""
        rows = selectors.invoices_payable_by(self.membership).filter(number__in=numbers)
        return list(rows.order_by("due_on", "pk"))

    def saved(self) -> list[SavedMethod]:
        rows = payment_selectors.methods_visible_to(self.membership)
        return [method for method in rows if self.company.may_pay_by(method.kind)]

    def saved_by(self, pk: str) -> SavedMethod:
        method = next((method for method in self.saved() if str(method.pk) == pk), None)
        if method is None:
            raise CannotPay(_("This payment method is no longer there. Choose another one."))
        return method

    def kinds(self, currency: str) -> list[SavedMethod.Kind]:
        return [kind for kind in intents.kinds_for(currency) if self.company.may_pay_by(kind)]


class PaymentPage(InvoicePage):
    """Where a payment stands: on the provider's form, on its way, or done. Only for who started it."""

    capability = Capability.PAY_INVOICES

    def joint(self, key: UUID) -> JointPayment:
        rows = JointPayment.objects.filter(company=self.company, by=self.actor.pk).select_related(
            "payment__saved_method"
        )
        return get_object_or_404(rows, key=key, payment__isnull=False)

    def get(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        joint = self.joint(key)
        payment = joint.payment
        has_returned = "payment_intent" in request.GET or "looked" in request.GET
        if payment is not None and payment.client_secret and not has_returned and _is_for_the_payer(payment):
            return self.form_of_stripe(request, payment, joint)
        return self.state(joint, has_looked="looked" in request.GET)

    def post(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """Ask the provider how it stands, and send what was not sent."""
        joint, at = self.joint(key), timezone.now()
        try:
            payments.send(payment_id=joint.payment_id or 0, at=at)
            payments.refresh(payment_id=joint.payment_id or 0, at=at)
        except CannotPay as error:
            messages.warning(request, str(error))
        address = reverse("customer:invoices-payment", kwargs={"key": key}) + "?looked=1"
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(headers={"HX-Redirect": address})
        return redirect(address)

    def state(self, joint: JointPayment, *, has_looked: bool) -> HttpResponse:
        return self.page(
            "invoices_payment",
            _("Your payment"),
            joint=joint,
            payment=joint.payment,
            rows=list(joint.invoices.order_by("due_on", "pk")),
            has_looked=has_looked,
        )

    def form_of_stripe(self, request: HttpRequest, payment: Payment, joint: JointPayment) -> HttpResponseBase:
        back = reverse("customer:invoices-payment", kwargs={"key": joint.key})
        if settings.STRIPE_PUBLISHABLE_KEY:
            return self.element(request, payment, settings.BASE_URL + back)
        fake = reverse("fake_stripe_pay", kwargs={"client_secret": payment.client_secret})
        return redirect(f"{fake}?{urlencode({'return_url': back})}")

    def element(self, request: HttpRequest, payment: Payment, return_url: str) -> HttpResponseBase:
        """Stripe's Payment Element: numbers never reach this store."""
        page = self.page(
            "invoices_pay_form",
            _("Pay"),
            payment=payment,
            publishable_key=settings.STRIPE_PUBLISHABLE_KEY,
            return_url=return_url,
            language=get_language(),
        )
        return csp_update(SOURCES)(lambda _request: page)(request)


def _is_for_the_payer(payment: Payment) -> bool:
    return payment.state in (Payment.State.CREATED, Payment.State.REQUIRES_ACTION)
