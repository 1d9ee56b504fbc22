"""The buyers' page of saved cards and accounts: add through Stripe's form, choose the standard one, remove."""

from urllib.parse import urlencode
from uuid import uuid4

from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from shop.companies.access import Target, can, level_of
from shop.companies.capabilities import Capability, Level
from shop.companies.models import Location
from shop.companies.pages.base import CompanyPage
from shop.payments import gateway, selectors
from shop.payments.errors import CannotPay
from shop.payments.models import SavedMethod
from shop.payments.services import intents, methods
from shop.payments.stripe_js import SOURCES


class AddForm(forms.Form):
    """`key` makes a second press the same request."""

    kind = forms.ChoiceField(choices=SavedMethod.Kind.choices, label=gettext_lazy("Kind"))
    key = forms.UUIDField(widget=forms.HiddenInput)


class MethodsPage(CompanyPage):
    """The list, and the way to another one."""

    capability = (Capability.PAY_INVOICES, Capability.ORDER)
    section = "payment-methods"

    def get(self, request: HttpRequest) -> HttpResponse:
        kinds = intents.kinds_for(settings.OSCAR_DEFAULT_CURRENCY)
        return self.page(
            "payment_methods",
            _("Payment methods"),
            methods=list(selectors.methods_visible_to(self.membership)),
            kinds=kinds if gateway.takes_payments() and not self.membership.on_behalf else [],
            key=uuid4(),
            may_choose=self.may_choose(),
            today=timezone.localdate(),
        )

    def may_choose(self) -> bool:
        """The standard method is the whole company's."""
        return can(self.membership, Capability.PAY_INVOICES, Target(self.company.pk))

    def location(self) -> Location | None:
        """What somebody adds who pays for one location only is that location's."""
        is_local = level_of(self.membership, Capability.PAY_INVOICES) == Level.LOCATION
        return self.membership.location if is_local else None

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.membership.on_behalf:
            raise PermissionDenied(_("Payment methods are added by the company's own people."))
        form = AddForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Please choose what you want to add."))
            return redirect("customer:payment-methods")
        try:
            intent = methods.begin_setup(
                company=self.company,
                currency=settings.OSCAR_DEFAULT_CURRENCY,
                by=self.actor,
                location=self.location(),
                at=timezone.now(),
                **form.cleaned_data,
            )
        except CannotPay as error:
            messages.error(request, str(error))
            return redirect("customer:payment-methods")
        return self.form_of_stripe(request, intent["client_secret"])

    def form_of_stripe(self, request: HttpRequest, client_secret: str) -> HttpResponse:
        back = reverse("customer:payment-method-back")
        if settings.STRIPE_PUBLISHABLE_KEY:
            return self.element(request, client_secret, settings.BASE_URL + back)
        fake = reverse("fake_stripe_pay", kwargs={"client_secret": client_secret})
        return redirect(f"{fake}?{urlencode({'return_url': back})}")

    @method_decorator(csp_update(SOURCES))
    def element(self, request: HttpRequest, client_secret: str, return_url: str) -> HttpResponse:
        """Stripe's Payment Element: numbers never reach this store."""
        return self.page(
            "payment_method_add",
            _("Add a payment method"),
            client_secret=client_secret,
            publishable_key=settings.STRIPE_PUBLISHABLE_KEY,
            return_url=return_url,
            language=get_language(),
        )


class MethodBackView(MethodsPage):
    """Where Stripe's form leads back to. Looking changes nothing: the page asks by POST, by itself where it can."""

    def get(self, request: HttpRequest) -> HttpResponse:
        setup_intent = request.GET.get("setup_intent", "")
        return self.page("payment_method_back", _("Payment methods"), setup_intent=setup_intent)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep what was set up; the webhook keeps it too, and neither twice."""
        try:
            method = methods.finish_setup(
                setup_intent_id=request.POST.get("setup_intent", "")[:64], company=self.company, at=timezone.now()
            )
        except CannotPay as error:
            messages.error(request, str(error))
        else:
            if method:
                messages.success(request, _("The payment method is saved."))
            else:
                messages.warning(request, _("Nothing was saved. Try again, or with another card or account."))
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(headers={"HX-Redirect": reverse("customer:payment-methods")})
        return redirect("customer:payment-methods")


class MethodActView(MethodsPage):
    """Make a method the standard one, or remove it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        method = get_object_or_404(selectors.methods_visible_to(self.membership), pk=pk)
        act = request.POST.get("act", "")
        if act == "remove":
            methods.remove(method=method)
            messages.success(request, _("%(method)s is removed and will not be charged again.") % {"method": method})
        elif act == "choose" and self.may_choose():
            methods.choose(method=method)
            messages.success(request, _("%(method)s is the standard payment method now.") % {"method": method})
        else:
            raise PermissionDenied(_("Only people who pay for the whole company choose its standard payment method."))
        return redirect("customer:payment-methods")
