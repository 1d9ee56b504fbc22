"""Registrations in the Wagtail admin: who waits, what is known of them, and the decision."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from shop.operations.back_office import StaffList, StaffOnly
from shop.registration import documents, selectors
from shop.registration.back_office_forms import ApproveForm, AskForm, FilterForm, RejectForm
from shop.registration.models import Application, Certificate
from shop.registration.services import applications, steps
from shop.registration.services.steps import NotPossible, Step

FORMS: dict[str, Any] = {Step.APPROVE: ApproveForm, Step.ASK: AskForm, Step.REJECT: RejectForm}


VIEW = "shop_registration.view_application"


class QueueView(StaffList):
    """Who applies, the oldest first."""

    permission_required = VIEW
    page_title = gettext_lazy("Registrations")
    header_icon = "form"
    template_name = "shop/registration/queue.html"

    def get_queryset(self) -> QuerySet[Application]:
        self.filters = FilterForm({"state": Application.State.WAITING, **self.request.GET.dict()})
        return selectors.queue(**self.filters.filters())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "rows": selectors.rows_of(context["object_list"], at=timezone.now())}


class ApplicationView(StaffOnly, View):
    """One application, with everything that a decision needs."""

    permission_required: str | tuple[str, ...] = VIEW

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(request, get_object_or_404(selectors.queue(), pk=pk))

    def page(self, request: HttpRequest, application: Application, **bound: Any) -> HttpResponse:
        row = selectors.rows_of([application], at=timezone.now())[0]
        may_act = request.user.has_perm("shop_registration.change_application")
        offered = [step for step in FORMS if may_act and steps.may_take(Step(step), application)]
        context = {
            "row": row,
            "application": application,
            "events": application.events.select_related("by").order_by("pk"),
            "certificates": selectors.certificates_of(application),
            "may_read_certificates": request.user.has_perm("shop_registration.view_certificate"),
            "forms": [(step, bound.get(step) or FORMS[step](row=row, prefix=step)) for step in offered],
            "seen": steps.latest_event(application),
        }
        return render(request, "shop/registration/application.html", context)


class StepView(ApplicationView):
    """Approve, ask for more, or reject."""

    permission_required = (VIEW, "shop_registration.change_application")
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        application = get_object_or_404(selectors.queue(), pk=pk)
        row = selectors.rows_of([application], at=timezone.now())[0]
        form = FORMS[step](request.POST, row=row, prefix=step)
        if not form.is_valid():
            return self.page(request, application, **{step: form})
        seen = request.POST.get("seen", "")
        how = {"application_id": pk, "at": timezone.now(), "by": request.user,
               "seen": int(seen) if seen.isdecimal() and len(seen) < 19 else -1}  # fmt: skip
        try:
            self.act(step, form, how)
        except NotPossible:
            messages.error(request, _("%s has been changed in the meantime. Look again.") % application)
            return redirect("registration", pk=pk)
        messages.success(request, self.done(step) % application)
        return redirect("registrations")

    def act(self, step: str, form: Any, how: dict[str, Any]) -> None:
        match step:
            case Step.APPROVE:
                applications.approve(terms=form.terms(), **how)
            case Step.ASK:
                applications.ask(question=form.cleaned_data["text"], **how)
            case Step.REJECT:
                applications.reject(reason=form.cleaned_data["text"], **how)

    def done(self, step: str) -> str:
        return {
            Step.APPROVE: _("%s is approved and was told by mail."),
            Step.ASK: _("%s was asked by mail."),
            Step.REJECT: _("%s is rejected and was told by mail."),
        }[Step(step)]


class CertificateView(StaffOnly, View):
    """A document of an applicant, to save and never to show: it is a stranger's file."""

    permission_required = "shop_registration.view_certificate"

    def get(self, request: HttpRequest, pk: int, certificate: int) -> HttpResponse:
        found = get_object_or_404(Certificate, pk=certificate, application=pk)
        name = f"certificate-{found.pk}.{documents.EXTENSIONS[found.media_type]}"
        return HttpResponse(
            bytes(found.content),
            content_type=found.media_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
        )
