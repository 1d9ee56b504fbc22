"""Registration and e-mail confirmation. The customer fork puts these under /accounts/."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from shop.companies import confirmations, services
from shop.companies.forms import CompanyRegistrationForm
from shop.companies.models import Company, Membership

EMAIL_BACKEND = "shop.forks.customer.auth_backends.EmailBackend"


class RegistrationView(FormView):
    """Register a company. The answer is the same page, and the same work, whether or not the address was known."""

    form_class = CompanyRegistrationForm
    template_name = "oscar/customer/registration.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            return redirect(settings.LOGIN_REDIRECT_URL)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"host": self.request.get_host()}

    def get_initial(self) -> dict[str, Any]:
        return {
            "email": self.request.GET.get("email", ""),
            "redirect_url": self.request.GET.get("next", ""),
            "introduced_by": self.request.GET.get("ref", "") or self.request.session.get("referred_by", ""),
            "country": "NO",
        }

    def form_valid(self, form: CompanyRegistrationForm) -> HttpResponse:
        data = form.cleaned_data
        waiting = services.unconfirmed(data["email"])
        known = None if waiting else get_user_model().objects.filter(email__iexact=data["email"]).first()
        path = ""
        if known:
            make_password(data["password1"])  # as much work as for a new user, so that time tells nothing either
            confirmations.mail("registration_known", to=known.email, user=known)
        else:
            registration = self.register(data, waiting)
            path = confirmations.link(confirmations.REGISTRATION, user=registration.user, email=data["email"])
            if data["redirect_url"] != settings.LOGIN_REDIRECT_URL:
                path += "?" + urlencode({"next": data["redirect_url"]})
            confirmations.mail("registration", to=data["email"], user=registration.user, path=path)
        shown = path if settings.ACCORD_SHOW_CONFIRMATION_LINK else ""
        context = {"email": data["email"], "confirmation_url": shown}
        return render(self.request, "oscar/customer/registration_sent.html", context)

    def register(self, data: dict[str, Any], waiting: Membership | None) -> services.Registration:
        """Register, or replace the registration that waits for its confirmation."""
        facts = {
            "name": data["company_name"],
            "country": data["country"].pk,
            "vat_id": data["vat_id"],
            "password": data["password1"],
            "first_name": data["first_name"],
            "last_name": data["last_name"],
        }
        if waiting:
            return services.register_again(waiting, **facts)
        return services.register_company(
            **facts,
            email=data["email"],
            introduced_by=data["introduced_by"],
            visitor_key=getattr(self.request, "visitor_key", ""),
            is_confirmed=False,
            at=timezone.now(),
        )


class ConfirmView(View):
    """A page with one button: a link that a mail scanner follows must not confirm anything."""

    purpose = confirmations.REGISTRATION
    template_name = "oscar/customer/registration_confirm.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        found = confirmations.read(self.purpose, token)
        context = {"is_valid": found is not None, "email": found.email if found else ""}
        return render(request, self.template_name, context, status=200 if found else 410)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        found = confirmations.read(self.purpose, token)
        if found is None:
            return render(request, self.template_name, {"is_valid": False, "email": ""}, status=410)
        return self.confirm(request, found)

    def confirm(self, request: HttpRequest, found: confirmations.Confirmation) -> HttpResponse:
        from shop.forks.customer.redirects import safe_next

        services.confirm(found.user)
        login(request, found.user, backend=EMAIL_BACKEND)
        company = Company.objects.filter(memberships__user=found.user).first()
        if company and company.may_order:
            messages.success(request, _("Welcome! %(company)s is ready to order.") % {"company": company.name})
        else:
            messages.info(
                request, _("Welcome! We are checking your company and write to you as soon as you can order.")
            )
        return redirect(safe_next(request, default=settings.LOGIN_REDIRECT_URL))


class EmailChangeConfirmView(ConfirmView):
    """Move the account to the confirmed address, unless somebody took it meanwhile."""

    purpose = confirmations.EMAIL_CHANGE
    template_name = "oscar/customer/profile/email_confirm.html"

    def confirm(self, request: HttpRequest, found: confirmations.Confirmation) -> HttpResponse:
        users = get_user_model().objects
        is_taken = users.filter(email__iexact=found.email).exclude(pk=found.user.pk).exists()
        if is_taken or found.user != request.user:
            return render(request, self.template_name, {"is_valid": False, "email": ""}, status=410)
        old = found.user.email
        found.user.email = found.email
        found.user.save(update_fields=["email"])
        confirmations.mail("email_changed", to=old, user=found.user, new_email=found.email)
        messages.success(request, _("Your e-mail address is now %(email)s.") % {"email": found.email})
        return redirect(reverse("customer:profile-view"))
