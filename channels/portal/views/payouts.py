"""Where the partner wants its money: bank details, its account at Stripe, and every change of either."""

from http import HTTPStatus
from typing import Any, cast

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django_htmx.http import HttpResponseClientRedirect

from channels.commissions.models import PayoutDetails, Rail
from channels.commissions.rails import offered
from channels.commissions.rails.protocol import Refused, Undecided
from channels.commissions.selectors.payees import history, whereabouts
from channels.commissions.services import payees
from channels.portal.access import Capability, MemberView
from channels.portal.forms import PayoutDetailsForm
from channels.portal.views.page import PortalPage


def here() -> str:
    return reverse("portal:payout-settings")


# The form that opens an account ends at Stripe: browsers hold form-action against where a form is sent on to.
@method_decorator(csp_update({"form-action": ["https://connect.stripe.com"]}), name="dispatch")
@method_decorator(sensitive_post_parameters("password", "iban"), name="dispatch")
class PayoutSettingsView(PortalPage):
    """The details in force, what is about to change, and the form; a change asks for the password once more."""

    capability = Capability.PAYOUT_SETTINGS
    section = "payout-settings"
    template_name = "channels/portal/payout_settings.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        found = whereabouts(self.partner.pk, now=now)
        latest = found.pending or found.current
        initial = {"rail": latest.rail, "holder": latest.holder} if latest else {"rail": Rail.SEPA}
        return {
            "current": found.current,
            "pending": found.pending,
            "account": found.account if found.account and found.account.account_id else None,
            "offers_stripe": Rail.STRIPE in offered(),
            "just_returned": "returned" in self.request.GET,
            "link_expired": "expired" in self.request.GET,
            "form": kwargs.get("form") or PayoutDetailsForm(initial=initial, rails=offered(), user=self.request.user),
            "hold_days": settings.PAYOUT_DETAILS_HOLD_DAYS,
            "rows": [_row(row) for row in history(self.partner.pk)[:20]],
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PayoutDetailsForm(request.POST, rails=offered(), user=request.user)
        details = self._enter(form) if form.is_valid() else None
        if details is None:
            status = HTTPStatus.TOO_MANY_REQUESTS if form.is_blocked else HTTPStatus.UNPROCESSABLE_ENTITY
            return self.render_to_response({**self.frame(), **self.content(form=form)}, status=status)
        if details.valid_from > details.entered_at:
            messages.success(request, _("The change is noted. Payouts wait until it is in force."))
        else:
            messages.success(request, _("Your payout details are saved."))
        return HttpResponseRedirect(here())

    def _enter(self, form: PayoutDetailsForm) -> PayoutDetails | None:
        values = form.cleaned_data
        try:
            return payees.enter(
                partner_id=self.partner.pk, rail=values["rail"], iban=values["iban"], holder=values["holder"],
                at=timezone.now(), by=cast("Any", self.request.user),
            )  # fmt: skip
        except payees.InvalidDetails as refusal:
            form.add_error(refusal.field, str(refusal))
        return None


class PayoutDetailsCancelView(MemberView):
    """Takes back a change that is not in force yet."""

    capability = Capability.PAYOUT_SETTINGS
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        details = PayoutDetails.objects.filter(partner=self.partner, pk=pk).first()
        if details is None:
            raise Http404
        try:
            payees.cancel(details_id=details.pk, at=timezone.now(), by=cast("Any", request.user))
        except payees.NotPending as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The change is taken back. You are paid as before."))
        return HttpResponseRedirect(here())


class StripeOnboardingView(MemberView):
    """Opens the partner's account at Stripe and goes there."""

    capability = Capability.PAYOUT_SETTINGS
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        back = request.build_absolute_uri(here())
        try:
            address = payees.onboarding(
                partner_id=self.partner.pk, return_url=f"{back}?returned=1", refresh_url=f"{back}?expired=1",
                at=timezone.now(),
            )  # fmt: skip
        except (Refused, Undecided):
            messages.error(request, _("Stripe does not answer right now. Try again in a few minutes."))
            return HttpResponseRedirect(here())
        return HttpResponseRedirect(address)


class StripeRefreshView(MemberView):
    """Asks Stripe how the account stands."""

    capability = Capability.PAYOUT_SETTINGS
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            account = payees.refresh(partner_id=self.partner.pk, at=timezone.now())
        except (Refused, Undecided):
            messages.error(request, _("Stripe does not answer right now. Try again in a few minutes."))
        else:
            if account and account.is_ready:
                messages.success(request, _("Stripe has cleared your account for payouts."))
            elif account:
                messages.info(request, _("Stripe has not cleared your account yet."))
        # The page asks by itself when somebody comes back from Stripe, and is then shown anew.
        return HttpResponseClientRedirect(here()) if getattr(request, "htmx", False) else HttpResponseRedirect(here())


def _row(details: PayoutDetails) -> dict[str, Any]:
    cancelled = getattr(details, "cancellation", None)
    who = details.entered_by
    return {
        "at": details.entered_at,
        "who": (who.get_full_name() or who.get_username()) if who else "",
        "rail": details.get_rail_display(),
        "account": details.masked,
        "valid_from": details.valid_from,
        "cancelled_at": cancelled.at if cancelled else None,
    }
