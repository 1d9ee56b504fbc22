"""Forgotten passwords: the answer is the same for every address, and as quick."""

from http import HTTPStatus

from django.contrib.auth import views
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from oscar.apps.customer.forms import PasswordResetForm

from channels import api
from shop.accounts import throttling
from shop.accounts.tasks import mail_password_reset


class PasswordResetView(views.PasswordResetView):
    """Ask for a link. An address that was sent several already gets no more for a while, and nobody is told."""

    form_class = PasswordResetForm
    success_url = reverse_lazy("password-reset-done")
    template_name = "oscar/registration/password_reset_form.html"

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        email = form.cleaned_data["email"]
        try:
            throttling.count_request(self.request, "password-reset")
        except api.TooManyTries:
            form.add_error(None, _("Too many requests from your network. Wait a quarter of an hour, then try again."))
            return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.TOO_MANY_REQUESTS)
        if throttling.may_mail("password-reset", email):
            mail_password_reset.delay(email, get_language() or "en")
        return HttpResponseRedirect(self.get_success_url())


class PasswordResetConfirmView(views.PasswordResetConfirmView):
    """Choose a new password. Nobody is signed in by it: the login asks for the second factor as ever."""

    success_url = reverse_lazy("password-reset-complete")
    template_name = "oscar/registration/password_reset_confirm.html"

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        throttling.forget_login(form.user.email)
        return super().form_valid(form)
