"""Three sides of a period next to each other, and every row on which they do not agree."""

import csv
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.generic import View

from shop.operations.back_office import StaffOnly, StaffTemplate, paged
from shop.operations.csv_cells import InertRows
from shop.payments.models import EventCursor
from shop.treasury.pages.forms import ReconciliationForm
from shop.treasury.reconciling.differences import Difference, Period
from shop.treasury.reconciling.reconcile import differences, paid_orders
from shop.treasury.reconciling.sums import sides

VIEW = "shop_treasury.view_reconciliation"
COLUMNS = ("cause", "text", "subject", "company", "currency", "at", "stripe", "orders", "books", "page")


class ReconciliationPage(StaffTemplate):
    """The last month in the store's currency, unless asked otherwise."""

    permission_required = VIEW
    template_name = "shop/treasury/reconciliation.html"
    page_title = gettext_lazy("Reconciliation")
    header_icon = "check"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form, period = asked(self.request)
        context = super().get_context_data(**kwargs, filter_form=form, period=period)
        if period is None:
            return context
        told = paid_orders(period)
        return {
            **context,
            **paged(self.request, differences(period, told)),
            "sides": sides(period, told) if period.currency else [],
            "read_until": EventCursor.objects.values_list("read_until", flat=True).first(),
            "query": self.request.GET.urlencode(),
        }


class ReconciliationCsv(StaffOnly, View):
    """The differences as rows."""

    permission_required = VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        _form, period = asked(request)
        if period is None:
            return HttpResponse(status=400)
        name = f"differences-{period.first}-{period.last}.csv"
        response = HttpResponse(
            content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )
        rows = InertRows(csv.writer(response))
        rows.writerow(COLUMNS)
        rows.writerows(_row(found) for found in differences(period))
        return response


def asked(request: HttpRequest) -> tuple[ReconciliationForm, Period | None]:
    """Return the form and the period that it names; None where a field is wrong."""
    now = timezone.now()
    defaults = {**_last_month(timezone.localdate(now)), "currency": settings.OSCAR_DEFAULT_CURRENCY}
    form = ReconciliationForm({**defaults, **request.GET.dict()})
    return form, Period(**form.cleaned_data, now=now) if form.is_valid() else None


def _last_month(today: date) -> dict[str, date]:
    return {"first": today - timedelta(days=30), "last": today}


def _row(found: Difference) -> list[str]:
    amounts = ["" if amount is None else f"{amount:.2f}" for amount in (found.stripe, found.orders, found.books)]
    at = found.at.isoformat() if found.at else ""
    return [
        found.cause, str(found.text), found.subject, found.company, found.currency, at, *amounts, found.url,
    ]  # fmt: skip
