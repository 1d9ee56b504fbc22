"""The list of invoices, one of them, and their files."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.billing import ageing, selectors
from shop.billing.pages.forms import FilterForm
from shop.billing.papers import files, paper
from shop.companies.capabilities import Capability
from shop.companies.pages.base import CompanyPage
from shop.payments import gateway

PER_PAGE = 25
TYPES = {"pdf": "application/pdf", "xml": "application/xml"}


class InvoicePage(CompanyPage):
    """A page for those who see invoices; it stands beside the company's in the account."""

    capability = Capability.VIEW_INVOICES

    def page(self, template: str, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return super().page(template, title, status=status, **{"active_tab": "invoices", "sections": []} | context)


class InvoicesPage(InvoicePage):
    """What is open, how old it is, and every invoice; those that the person may pay can be chosen."""

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        visible = selectors.invoices_visible_to(self.membership)
        form = FilterForm(request.GET)
        rows = form.narrow(visible, today=today).select_related("order__purchase__location")
        page = Paginator(rows.order_by("-issued_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
        payable = selectors.invoices_payable_by(self.membership).filter(pk__in=[row.pk for row in page])
        return self.page(
            "invoices",
            _("Invoices"),
            form=form,
            is_filtered=any(request.GET.get(name) for name in form.fields),
            page_obj=page,
            payable=set(payable.values_list("pk", flat=True)),
            ages=ageing.aged(visible, on=today),
            today=today,
            may_pay_here=gateway.takes_payments(),
        )


class InvoiceView(InvoicePage):
    """One invoice with its payments, credit notes and files."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        rows = selectors.invoices_visible_to(self.membership).select_related("order__purchase")
        invoice = get_object_or_404(rows, number=number)
        return self.page(
            "invoice",
            invoice.number,
            invoice=invoice,
            lines=list(invoice.lines.all()),
            payments=list(invoice.payments.all()),
            credit_notes=list(invoice.credit_notes.all()),
            is_payable=selectors.invoices_payable_by(self.membership).filter(pk=invoice.pk).exists(),
            may_pay_here=gateway.takes_payments(),
            today=timezone.localdate(),
        )


class FileView(InvoicePage):
    """The PDF or the data of an invoice or a credit note."""

    def get(self, request: HttpRequest, number: str, kind: str) -> HttpResponse:
        return file_response(self.document(number), kind)

    def document(self, number: str) -> paper.Paper:
        invoices = selectors.invoices_visible_to(self.membership).select_related("order")
        if invoice := invoices.filter(number=number).first():
            return paper.of_invoice(invoice)
        notes = selectors.credit_notes_visible_to(self.membership).select_related("invoice__order")
        return paper.of_credit_note(get_object_or_404(notes, number=number))


def file_response(document: paper.Paper, kind: str) -> HttpResponse:
    """Return a paper as `pdf` or `xml`; any other kind is 404."""
    if kind not in TYPES:
        raise Http404
    content = files.pdf_of(document) if kind == "pdf" else files.xml_of(document)
    name = files.name_of(document, kind)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=TYPES[kind], headers=headers)
