"""Invoices and credit notes: the lists, one invoice, its files, and money booked on it."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from shop.billing import ageing
from shop.billing.desk import forms
from shop.billing.errors import BillingError
from shop.billing.models import CreditNote, Invoice
from shop.billing.pages.listing import file_response
from shop.billing.papers import paper
from shop.billing.services import invoices
from shop.operations.back_office import StaffAct, StaffForm, StaffList, StaffOnly, StaffTemplate

PARENT = ("invoices", gettext_lazy("Invoices"))
VIEW, BOOK = "shop_billing.view_invoice", "shop_billing.mark_invoice_paid"
COMPANY = "order__purchase__company"


class InvoiceList(StaffList):
    """What is open, the oldest due first, with how much of it is how old; or the invoices of another state."""

    permission_required = VIEW
    act_permission = BOOK
    template_name = "shop/billing/invoice_list.html"
    page_title = gettext_lazy("Invoices")
    header_icon = "doc-full"
    filter_form = forms.InvoiceFilter
    filter_defaults = {"state": Invoice.State.OPEN}

    def rows(self, q: str = "", state: str = "", age: str = "", **wanted: Any) -> QuerySet[Invoice]:
        self.today = timezone.localdate()
        rows = Invoice.objects.select_related(COMPANY)
        if text := q.replace("\x00", ""):
            rows = rows.filter(Q(number__icontains=text) | Q(**{f"{COMPANY}__name__icontains": text}))
        self.ages = ageing.aged(rows, on=self.today)
        if age:
            rows = rows.filter(ageing.Age(age).within(self.today), state=Invoice.State.OPEN)
        elif state:
            rows = rows.filter(state=state)
        return rows.order_by("due_on" if state == Invoice.State.OPEN else "-issued_at", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "ages": self.ages, "today": self.today}


class CreditNoteList(StaffList):
    """Every credit note, the newest first."""

    permission_required = VIEW
    template_name = "shop/billing/credit_note_list.html"
    page_title = gettext_lazy("Credit notes")
    header_icon = "doc-full"
    filter_form = forms.PaperFilter

    def rows(self, q: str = "", **wanted: Any) -> QuerySet[CreditNote]:
        rows = CreditNote.objects.select_related(f"invoice__{COMPANY}")
        if text := q.replace("\x00", ""):
            company = Q(**{f"invoice__{COMPANY}__name__icontains": text})
            rows = rows.filter(Q(number__icontains=text) | Q(invoice__number__icontains=text) | company)
        return rows.order_by("-issued_at", "-pk")


class OfInvoice:
    """The invoice that the address names."""

    kwargs: dict[str, Any]

    @cached_property
    def invoice(self) -> Invoice:
        return get_object_or_404(Invoice.objects.select_related(COMPANY), pk=self.kwargs["pk"])


class InvoicePage(OfInvoice, StaffTemplate):
    """One invoice with its lines, what was paid and credited, and the reminders."""

    permission_required = VIEW
    act_permission = BOOK
    parent = PARENT
    template_name = "shop/billing/invoice.html"
    header_icon = "doc-full"

    def get_page_title(self) -> str:
        return self.invoice.number

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "invoice": self.invoice,
            "lines": self.invoice.lines.all(),
            "payments": self.invoice.payments.select_related("by"),
            "credit_notes": self.invoice.credit_notes.all(),
            "reminders": self.invoice.reminders.all(),
        }


class MoneyPage(OfInvoice, StaffForm):
    """Money on one invoice."""

    permission_required = (VIEW, BOOK)
    parent = PARENT
    form_class = forms.MoneyForm
    refusals = (BillingError,)

    def trail(self) -> list[dict[str, Any]]:
        return [{"url": self.get_success_url(), "label": self.invoice.number}]

    def get_success_url(self) -> str:
        return reverse("invoice_desk", args=[self.invoice.pk])


class RecordPayment(MoneyPage):
    page_title = gettext_lazy("Record a payment")
    success_message = gettext_lazy("The payment is booked.")

    def get_initial(self) -> dict[str, Any]:
        return {"amount": max(self.invoice.amount_due, 0)}

    def act(self, form: Any, now: datetime) -> None:
        data = form.cleaned_data
        invoices.record_payment(
            invoice_id=self.invoice.pk, amount=data["amount"], reference=data["reference"], key=f"desk:{data['key']}",
            at=form.moment(now), by=self.request.user,
        )  # fmt: skip


class RecordPayBack(MoneyPage):
    page_title = gettext_lazy("Record money paid back")

    def get_initial(self) -> dict[str, Any]:
        return {"amount": max(-self.invoice.amount_due, 0)}

    def act(self, form: Any, now: datetime) -> None:
        data = form.cleaned_data
        invoices.pay_back(
            invoice_id=self.invoice.pk, amount=data["amount"], reference=data["reference"], key=f"desk:{data['key']}",
            at=form.moment(now), by=self.request.user,
        )  # fmt: skip


class MarkPaid(StaffAct):
    """Book all that is left to pay; commission accrues with it."""

    permission_required = (VIEW, BOOK)
    refusals = (BillingError,)
    parent = PARENT

    def act(self, now: datetime, **kwargs: Any) -> str:
        invoice = get_object_or_404(Invoice, pk=kwargs["pk"])
        reference = self.request.POST.get("reference", "").strip()[:120]
        fresh = invoices.mark_paid(invoice_id=invoice.pk, at=now, reference=reference, by=self.request.user)
        text = _("Invoice %s is marked as paid.") if fresh else _("Invoice %s was paid already.")
        return text % invoice.number


class FileOfInvoice(OfInvoice, StaffOnly, View):
    """The PDF or the data of an invoice."""

    permission_required = VIEW

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        return file_response(paper.of_invoice(self.invoice), kind)


class FileOfCreditNote(StaffOnly, View):
    """The PDF or the data of a credit note."""

    permission_required = VIEW

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        note = CreditNote.objects.select_related("invoice__order").filter(pk=pk).first()
        if note is None:
            raise Http404
        return file_response(paper.of_credit_note(note), kind)
