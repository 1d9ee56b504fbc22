"""The onboarding page, in place of Stripe's: clearly a test, and only where the fake is configured."""

from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache

from shop.payments.fake_stripe import accounts, store
from shop.payments.models import FakeObject

OUTCOMES = (
    ("complete", _("Everything is told"), _("The account is cleared for payouts.")),
    ("missing", _("Something is left out"), _("Stripe keeps asking for the bank account.")),
    ("rejected", _("Stripe closes the account"), _("No payout reaches it.")),
)


@method_decorator(never_cache, name="dispatch")
class OnboardingView(View):
    """A link works once, for five minutes; after that it leads to where a new one is made."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link = self._link(token)
        if self._is_spent(link):
            return redirect(link["refresh_url"])
        account = accounts.retrieve(link["account"])
        context = {"account": account, "outcomes": OUTCOMES, "site": urlsplit(link["return_url"]).netloc}
        return render(request, "payments/fake_onboarding.html", context)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link = self._link(token)
        if self._is_spent(link):
            return redirect(link["refresh_url"])
        outcome = request.POST.get("outcome", "")
        if outcome not in {value for value, *_rest in OUTCOMES}:
            return self.get(request, token)
        store.save({**link, "is_used": True})
        accounts.tell(link["account"], outcome)
        return redirect(link["return_url"])

    def _link(self, token: str) -> dict[str, Any]:
        row = FakeObject.objects.filter(kind="account_link", pk=token).first()
        if row is None:
            raise Http404
        return dict(row.data)

    def _is_spent(self, link: dict[str, Any]) -> bool:
        return bool(link["is_used"]) or store.seconds() > link["expires_at"]
