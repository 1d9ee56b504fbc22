"""Registering a company, confirming the address, and what an applicant sees meanwhile. The customer fork has the URLs."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import FormView, ListView, View

from channels import api
from shop.accounts import throttling
from shop.companies import confirmations
from shop.companies.access import roles_given_by
from shop.registration import selectors
from shop.registration.forms import AnswerForm, JoinForm, RegistrationForm
from shop.registration.models import Application
from shop.registration.services import applications, joins
from shop.registration.services.applications import Details
from shop.registration.services.steps import NotPossible

EMAIL_BACKEND = "shop.forks.customer.auth_backends.EmailBackend"


class RegistrationView(FormView):
    """Register a company. The answer is the same page, and the same work, whether or not the address was known."""

    form_class = RegistrationForm
    template_name = "oscar/customer/registration.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            return redirect(settings.LOGIN_REDIRECT_URL)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"host": self.request.get_host()}

    def get_initial(self) -> dict[str, Any]:
        code = self.request.GET.get("ref", "") or self.request.session.get("referred_by", "")
        came_by = None if code else api.latest_introducer(visitor_key=self._visitor_key())
        return {
            "email": self.request.GET.get("email", ""),
            "redirect_url": self.request.GET.get("next", ""),
            "introduced_by": code or (came_by.link_code if came_by else ""),
            "introducer": came_by.partner_code if came_by and not came_by.link_code else "",
            "country": "NO",
        }

    def form_valid(self, form: RegistrationForm) -> HttpResponse:
        email, wanted = form.cleaned_data["email"], form.cleaned_data["redirect_url"]
        try:
            throttling.count_request(self.request, "registration")
        except api.TooManyTries:
            form.add_error(None, _("Too many requests from your network. Wait a quarter of an hour, then try again."))
            return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.TOO_MANY_REQUESTS)
        path = applications.register(
            email=email,
            details=self._details(form),
            may_mail=throttling.may_mail("registration", email),  # nobody is told when it may not
            next_url=wanted if wanted != settings.LOGIN_REDIRECT_URL else "",
            at=timezone.now(),
        )
        shown = path if settings.ACCORD_SHOW_CONFIRMATION_LINK else ""
        return render(
            self.request, "oscar/customer/registration_sent.html", {"email": email, "confirmation_url": shown}
        )

    def _details(self, form: RegistrationForm) -> Details:
        data = form.cleaned_data
        return Details(
            company_name=data["company_name"],
            country=data["country"].pk,
            vat_id=data["vat_id"],
            first_name=data["first_name"],
            last_name=data["last_name"],
            password=data["password1"],
            introducer=data["named"],
            certificate=data["certificate"],
            visitor_key=self._visitor_key(),
            language=get_language() or settings.LANGUAGE_CODE,
        )

    def _visitor_key(self) -> str:
        return getattr(self.request, "visitor_key", "")


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
            return self.refuse(request)
        return self.confirm(request, found)

    def refuse(self, request: HttpRequest) -> HttpResponse:
        return render(request, self.template_name, {"is_valid": False, "email": ""}, status=410)

    def confirm(self, request: HttpRequest, found: confirmations.Confirmation) -> HttpResponse:
        from shop.forks.customer.redirects import safe_next

        try:
            application = applications.confirm(user=found.user, at=timezone.now())
        except (Application.DoesNotExist, NotPossible):
            return self.refuse(request)
        login(request, found.user, backend=EMAIL_BACKEND)
        if application.company.may_order:
            messages.success(
                request, _("Welcome! %(company)s is ready to order.") % {"company": application.company.name}
            )
        else:
            messages.info(
                request, _("Welcome! We are checking your company and write to you as soon as you can order.")
            )
        return redirect(safe_next(request, default=settings.LOGIN_REDIRECT_URL))


class ApplicationView(LoginRequiredMixin, FormView):
    """Where an applicant's registration stands, and what we asked. Of a request to join it says nothing."""

    form_class = AnswerForm
    template_name = "oscar/customer/application.html"
    success_url = "."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.application = selectors.application_of(request.user)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.application is None or self.application.state == Application.State.JOINED:
            return redirect(settings.LOGIN_REDIRECT_URL)
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: AnswerForm) -> HttpResponse:
        if self.application is None:
            raise Http404
        data = form.cleaned_data
        try:
            applications.answer(
                application_id=self.application.pk, text=data["text"], document=data["document"], at=timezone.now()
            )
        except NotPossible:
            messages.info(self.request, _("There is nothing to answer any more."))
        else:
            messages.success(self.request, _("Thank you. We have your answer and go on."))
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        application = self.application
        return {
            **super().get_context_data(**kwargs),
            "active_tab": "application",
            "page_title": _("Registration"),
            "application": application,
            "story": application and selectors.story_of(application),
            "certificates": application and selectors.certificates_of(application),
        }


class JoinRequestListView(LoginRequiredMixin, ListView):
    """Who asks to join the company that the session acts for; nobody, to those who may not let people in."""

    template_name = "oscar/customer/join_requests.html"
    paginate_by = 20
    extra_context = {"active_tab": "join-requests"}

    def get_queryset(self) -> Any:
        return selectors.join_requests_for(self.request.membership)  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "page_title": _("Requests to join"),
            "roles": roles_given_by(self.request.membership),  # type: ignore[attr-defined]
        }


class JoinRequestView(LoginRequiredMixin, View):
    """Let one person in, or do not."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        manager = request.membership  # type: ignore[attr-defined]
        found = get_object_or_404(selectors.join_requests_for(manager), pk=pk)
        now, name = timezone.now(), found.application.applicant_name
        form = JoinForm(request.POST, manager=manager)
        try:
            if "decline" in request.POST:
                joins.decline(request_id=found.pk, at=now, by=request.user)
                messages.success(
                    request, _("%(name)s was not let in. They are not told that you decided.") % {"name": name}
                )
            elif form.is_valid():
                joins.accept(request_id=found.pk, role=form.cleaned_data["role"], at=now, by=request.user)
                messages.success(request, _("%(name)s now belongs to your company.") % {"name": name})
            else:
                messages.error(request, _("Choose a role for %(name)s.") % {"name": name})
        except NotPossible:
            messages.info(request, _("This request has been decided meanwhile."))
        return redirect("customer:join-requests")
