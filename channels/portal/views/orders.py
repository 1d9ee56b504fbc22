"""The list of credited orders, and the same as a file."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.commissions.models import Accrual
from channels.commissions.selectors.programmes import name_of
from channels.core.cells import Cell
from channels.journeys.models import OrderRecord
from channels.partners.models import ChannelPartner
from channels.portal import csv_export, numbers, wording
from channels.portal.access import Capability, MemberView
from channels.portal.disclosure import Disclosure
from channels.portal.forms import OrderFilterForm
from channels.portal.selectors.orders import (
    OrderFilter,
    OrderLedger,
    credited_orders,
    customers_present,
    ledgers,
    standing,
    totals,
)
from channels.portal.views.page import PortalPage
from channels.portal.views.rows import order_rows

PER_PAGE = 25
ORDERS_PER_BATCH = 200


def filter_form(request: HttpRequest, partner: ChannelPartner, disclosure: Disclosure) -> OrderFilterForm:
    """Return the bound form; without a choice of customers where the partner may not know them."""
    customers = None
    if disclosure.shows_customers:
        customers = [(company.pk, disclosure.customer(company)) for company in customers_present(partner)]
    return OrderFilterForm(request.GET, customers=customers)


class OrderListView(PortalPage):
    capability = Capability.ORDERS
    section = "orders"
    template_name = "channels/portal/orders.html"
    partial_template = "channels/portal/orders_results.html"
    partial_target = "order-results"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        disclosure = self.disclosure()
        form = filter_form(self.request, self.partner, disclosure)
        wanted = form.wanted()
        page = Paginator(credited_orders(self.partner, wanted), PER_PAGE).get_page(self.request.GET.get("page"))
        found = list(page.object_list)
        return {
            "disclosure": disclosure,
            "form": form,
            "page": page,
            "rows": order_rows(ledgers(self.partner, found, wanted), disclosure),
            "totals": [numbers.money(amount, currency) for currency, amount in totals(self.partner, wanted)],
            "is_filtered": wanted != OrderFilter(),
            "query_string": _without_page(self.request),
        }


class OrderExportView(MemberView):
    """Every commission of the orders found, one row each; an order that has earned nothing yet has a row too."""

    capability = Capability.EXPORT

    def get(self, request: HttpRequest) -> HttpResponseBase:
        disclosure = self.disclosure()
        wanted = filter_form(request, self.partner, disclosure).wanted()
        name = f"credited-orders-{self.partner.code}-{timezone.now():%Y-%m-%d}"
        return csv_export.response(name, _head(), _lines(self.partner, wanted, disclosure))


def _without_page(request: HttpRequest) -> str:
    values = request.GET.copy()
    values.pop("page", None)
    return values.urlencode()


def _head() -> list[str]:
    return [
        _("Order"), _("Placed"), _("Renewal"), _("Customer"), _("Order total"), _("Line"), _("Type"), _("Share %"),
        _("Base"), _("Rate %"), _("Commission"), _("Currency"), _("State"), _("Earned"), _("Held until"), _("Rule"),
        _("Programme"),
    ]  # fmt: skip


def _lines(partner: ChannelPartner, wanted: OrderFilter, disclosure: Disclosure) -> Iterator[list[Cell]]:
    orders = credited_orders(partner, wanted).iterator(chunk_size=ORDERS_PER_BATCH)
    while batch := list(islice(orders, ORDERS_PER_BATCH)):
        for ledger in ledgers(partner, batch, wanted):
            yield from _order_lines(ledger, disclosure)


def _order_lines(ledger: OrderLedger, disclosure: Disclosure) -> Iterator[list[Cell]]:
    order = ledger.order
    start = _order_cells(order, disclosure)
    for accrual in ledger.accruals:
        yield [*start, *_accrual_cells(accrual, disclosure)]
    earning = {(accrual.line_id, accrual.type) for accrual in ledger.accruals}
    for credit in ledger.credits:
        if (credit.line_id, credit.pool.upper()) not in earning:
            share = csv_export.percent_number(credit.share_bp)
            waiting = wording.state(ledger.why_unearned)["label"]
            yield [
                *start, disclosure.line_title(credit.line), wording.type_label(credit.pool.upper()), share,
                None, None, None, order.currency, waiting, None, None, None, None,
            ]  # fmt: skip


def _order_cells(order: OrderRecord, disclosure: Disclosure) -> list[Cell]:
    total = csv_export.major(disclosure.order_total_minor(order), order.currency)
    return [order.number, order.placed_at, order.cycle, disclosure.customer(order.company), total]


def _accrual_cells(accrual: Accrual, disclosure: Disclosure) -> list[Cell]:
    currency = accrual.currency
    state = standing(accrual)
    hold_until: datetime | None = accrual.hold_until
    return [
        disclosure.line_title(accrual.line),
        wording.type_label(accrual.type),
        csv_export.percent_number(accrual.credit.share_bp) if accrual.credit else None,
        csv_export.major(accrual.base_minor, currency),
        csv_export.percent_number(accrual.rate_bp),
        csv_export.major(accrual.amount_minor, currency),
        currency,
        wording.state(state)["label"],
        accrual.accrued_at,
        hold_until,
        accrual.rule_label or accrual.rule_id,
        name_of(accrual.programme_version),
    ]
