"""Money that came in, and the journal for the bookkeeper."""

import csv
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from shop.billing import bookkeeping, statements
from shop.billing.desk import forms
from shop.billing.desk.invoices import BOOK, VIEW
from shop.billing.errors import BillingError
from shop.billing.models import Receipt
from shop.billing.services import receipts
from shop.operations.back_office import StaffForm, StaffList, StaffTemplate
from shop.operations.csv_cells import InertRows

PARENT = ("receipts", gettext_lazy("Money received"))


class ReceiptList(StaffList):
    """Transfers and joint payments; those of an unknown payer wait for an invoice."""

    permission_required = VIEW
    act_permission = BOOK
    template_name = "shop/billing/receipt_list.html"
    page_title = gettext_lazy("Money received")
    header_icon = "download"
    filter_form = forms.ReceiptFilter

    def rows(self, q: str = "", waiting: bool = False, **wanted: Any) -> QuerySet[Receipt]:
        rows = Receipt.objects.select_related("company", "by").annotate(booked=Sum("bookings__amount"))
        if text := q.replace("\x00", ""):
            rows = rows.filter(Q(reference__icontains=text) | Q(company__name__icontains=text))
        if waiting:
            rows = rows.filter(company=None, booked=None)
        return rows.order_by("-at", "-pk")


class ReceiptAdd(StaffForm):
    permission_required = (VIEW, BOOK)
    parent = PARENT
    form_class = forms.ReceiptForm
    page_title = gettext_lazy("Record money received")
    success_message = gettext_lazy("Recorded. Invoices that the reference names are paid; the rest is a deposit.")

    def act(self, form: Any, now: Any) -> None:
        data = form.cleaned_data
        receipts.receive(
            amount=data["amount"], currency=data["currency"], reference=data["reference"], company=data["company"],
            key=f"desk:{data['key']}", at=form.moment(now), by=self.request.user,
        )  # fmt: skip


class ReceiptBook(StaffForm):
    permission_required = (VIEW, BOOK)
    parent = PARENT
    form_class = forms.BookForm
    page_title = gettext_lazy("Book on an invoice")
    refusals = (BillingError,)

    @cached_property
    def receipt(self) -> Receipt:
        return get_object_or_404(Receipt, pk=self.kwargs["pk"])

    def trail(self) -> list[dict[str, Any]]:
        return [{"url": "", "label": str(self.receipt)}]

    def act(self, form: Any, now: Any) -> None:
        receipts.book(
            receipt_id=self.receipt.pk, invoice_id=form.cleaned_data["number"].pk, at=now, by=self.request.user
        )


class JournalPage(StaffTemplate):
    """Choose a period; the file has a line of debit or credit for each account that moved."""

    permission_required = "shop_billing.export_invoices"
    template_name = "shop/billing/journal.html"
    page_title = gettext_lazy("Journal")
    header_icon = "download"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = forms.PeriodForm(request.GET if "first" in request.GET else None, initial=_last_month())
        if self.form.is_bound and self.form.is_valid():
            return _journal_file(**self.form.cleaned_data)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "form": self.form}


def _journal_file(*, first: date, last: date) -> HttpResponse:
    name = f"journal-{first}-{last}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
    rows = InertRows(csv.writer(response))
    rows.writerow(bookkeeping.COLUMNS)
    begins, ends = statements.midnight(first), statements.midnight(last + timedelta(days=1))
    rows.writerows(entry.row() for entry in bookkeeping.journal(begins=begins, ends=ends))
    return response


def _last_month() -> dict[str, date]:
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    return {"first": last.replace(day=1), "last": last}
