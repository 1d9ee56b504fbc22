"""The company's exemption certificates in its account."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.companies.capabilities import Capability
from shop.companies.pages.base import CompanyPage
from shop.registration import documents
from shop.tax import selectors
from shop.tax.forms import CertificateForm
from shop.tax.models import ExemptionCertificate
from shop.tax.services import certificates


class CertificatesPage(CompanyPage):
    """All certificates with their state, and a form for another."""

    capability = Capability.MANAGE_LOCATIONS
    section = "company-tax"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.list_page(CertificateForm(manager=self.membership))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CertificateForm(request.POST, request.FILES, manager=self.membership)
        if form.is_valid():
            try:
                certificates.upload(company=self.company, at=timezone.now(), by=request.user, **form.facts())
            except ValidationError as refusal:
                form.add_error("document", refusal)
            else:
                messages.success(request, _("Thank you. We look at your certificate and write to you."))
                return redirect("customer:company-tax")
        return self.list_page(form, status=422)

    def list_page(self, form: CertificateForm, *, status: int = 200) -> HttpResponse:
        rows = selectors.certificates_of(self.membership)
        return self.page("tax", _("Tax exemption"), status=status, certificates=rows, form=form)


class CertificateFilePage(CompanyPage):
    """The document itself, to save."""

    capability = Capability.MANAGE_LOCATIONS
    section = "company-tax"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return file_response(get_object_or_404(selectors.certificates_of(self.membership), pk=pk))


def file_response(certificate: ExemptionCertificate) -> HttpResponse:
    """Return a stranger's file: to save, never to show."""
    name = f"exemption-{certificate.pk}.{documents.EXTENSIONS[certificate.media_type]}"
    headers: dict[str, Any] = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(bytes(certificate.content), content_type=certificate.media_type, headers=headers)
