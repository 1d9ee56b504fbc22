"""The page that an invitation leads to. A GET only shows: a mail scanner that follows the link accepts nothing."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from shop.companies import switching
from shop.companies.models import Invitation, Membership
from shop.companies.pages.forms import NewAccountForm
from shop.companies.services import invitations

LOGIN_BACKEND = "shop.forks.customer.auth_backends.EmailBackend"


@method_decorator(never_cache, name="dispatch")
class InvitationView(View):
    """Somebody with an account signs in first; somebody new says who they are."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        invitation = invitations.read(token, now=timezone.now())
        return self.show(request, invitation, NewAccountForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        now = timezone.now()
        invitation = invitations.read(token, now=now)
        if invitation is None:
            return self.show(request, None, None)
        known = invitations.user_of(invitation)
        if known is None:
            form = NewAccountForm(request.POST)
            if not form.is_valid():
                return self.show(request, invitation, form, status=422)
            membership = invitations.accept_as_new(invitation_id=invitation.pk, at=now, **form.cleaned_data)
            login(request, membership.user, backend=LOGIN_BACKEND)
        elif request.user != known:
            return (
                redirect_to_login(request.get_full_path())
                if request.user.is_anonymous
                else self.show(request, invitation, None, status=403)
            )
        else:
            membership = invitations.accept(invitation_id=invitation.pk, user=known, at=now)
        return self.welcome(request, membership)

    def welcome(self, request: HttpRequest, membership: Membership) -> HttpResponse:
        switching.switch(request, membership=membership)
        messages.success(request, _("Welcome! You act for %(company)s now.") % {"company": membership.company})
        return redirect("customer:summary")

    def show(
        self, request: HttpRequest, invitation: Invitation | None, form: NewAccountForm | None, *, status: int = 200
    ) -> HttpResponse:
        known = invitations.user_of(invitation) if invitation else None
        context = {
            "invitation": invitation,
            "form": form if known is None else None,
            "is_known": known is not None,
            "is_other": request.user.is_authenticated and request.user != known,
        }
        return render(request, "shop/company/invitation.html", context, status=status if invitation else 410)
