"""The two links of a changed e-mail address: confirm it, take it back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from shop.accounts.models import EmailChange
from shop.accounts.services import email_changes


class LinkView(View):
    """A page with one button: a link that a mail scanner follows must not change anything."""

    purpose = ""
    template_name = ""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.show(self.change(token))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        change = self.change(token)
        return self.act(change) if change else self.show(None)

    def change(self, token: str) -> EmailChange | None:
        return email_changes.read(self.purpose, token, now=timezone.now())

    def show(self, change: EmailChange | None, **context: Any) -> HttpResponse:
        status = 200 if change else 410
        return render(self.request, self.template_name, {"change": change, **context}, status=status)

    def act(self, change: EmailChange) -> HttpResponse:
        raise NotImplementedError


class ConfirmView(LoginRequiredMixin, LinkView):
    """Move the account to the confirmed address, unless somebody took it meanwhile."""

    purpose = email_changes.CONFIRM
    template_name = "oscar/customer/profile/email_confirm.html"

    def change(self, token: str) -> EmailChange | None:
        change = super().change(token)
        return change if change and change.user == self.request.user else None

    def act(self, change: EmailChange) -> HttpResponse:
        if not email_changes.confirm(change=change, at=timezone.now()):
            return self.show(None)
        messages.success(self.request, _("Your e-mail address is now %(email)s.") % {"email": change.new_email})
        return redirect("customer:profile-view")


class UndoView(LinkView):
    """Give the account back to the old address; for whoever reads it, signed in or not."""

    purpose = email_changes.UNDO
    template_name = "shop/accounts/email_undo.html"

    def act(self, change: EmailChange) -> HttpResponse:
        email_changes.undo(change=change, at=timezone.now())
        return self.show(change, is_done=True)
