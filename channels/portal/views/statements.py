"""Statements: the list, one as a page to read and print, and as a file."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from channels.commissions.models import Payout, Statement
from channels.commissions.selectors.statements import statement, statements
from channels.portal import csv_export, numbers, wording
from channels.portal.access import Capability, MemberView
from channels.portal.csv_export import Cell
from channels.portal.disclosure import Disclosure
from channels.portal.selectors.money import Movement, movements, settling
from channels.portal.views.page import PortalPage

PER_PAGE = 24


class StatementListView(PortalPage):
    capability = Capability.STATEMENTS
    section = "statements"
    template_name = "channels/portal/statements.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        found = statements(self.partner).order_by("-period_start", "currency")
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        return {"page": page, "rows": [_row(row) for row in page.object_list]}


class StatementView(PortalPage):
    capability = Capability.STATEMENTS
    section = "statements"
    template_name = "channels/portal/statement.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        found = own_statement(self, kwargs["number"])
        disclosure = self.disclosure()
        moved = movements(found)
        by_kind: dict[str, int] = {}
        for movement in moved:
            by_kind[_kind(movement)] = by_kind.get(_kind(movement), 0) + movement.amount_minor
        payer = settling(found, statements(self.partner).order_by("period_start"))
        return {
            "disclosure": disclosure,
            "statement": found,
            "row": _row(found),
            "lines": [_line(movement, found, disclosure) for movement in moved],
            "by_kind": [(kind, numbers.money(amount, found.currency)) for kind, amount in by_kind.items()],
            "payer": payer if payer and payer.pk != found.pk else None,
            "payout": _payout(payer),
        }


class StatementExportView(MemberView):
    capability = Capability.STATEMENTS

    def get(self, request: HttpRequest, number: str) -> HttpResponseBase:
        found = own_statement(self, number)
        return csv_export.response(found.number.lower(), _head(), _lines(found, self.disclosure()))


def own_statement(view: MemberView, number: str) -> Statement:
    """Return one of the partner's own statements; anybody else's is not found."""
    found = statement(view.partner, number)
    if found is None:
        raise Http404
    return found


def _row(found: Statement) -> dict[str, Any]:
    def text(minor: int) -> str:
        return numbers.money(minor, found.currency)

    return {
        "number": found.number,
        "href": reverse("portal:statement", args=[found.number]),
        "month": found.period_start,
        "last_day": found.period_end - timedelta(days=1),
        "opening": text(found.opening_minor),
        "movement": text(found.movement_minor),
        "closing": text(found.closing_minor),
        "payable": text(found.payable_minor),
        "carried": text(found.closing_minor - found.payable_minor),
        "is_carried": found.payable_minor == 0 and found.closing_minor != 0,
        "is_even": found.closing_minor == 0,
        "state": {"label": found.get_state_display(), "tone": wording.STATEMENT_TONES[found.state]},
        "currency": found.currency,
    }


def _line(movement: Movement, found: Statement, disclosure: Disclosure) -> dict[str, Any]:
    order = movement.order
    return {
        "at": movement.booked_at,
        "kind": _kind(movement),
        "order": order.number if order else "",
        "order_url": reverse("portal:order", args=[order.number]) if order else "",
        "customer": disclosure.customer(order.company) if order else "",
        "line": disclosure.line_title(movement.line) if movement.line else movement.reference,
        "type": wording.type_label(movement.type) if movement.type else "",
        "amount": numbers.money(movement.amount_minor, found.currency),
        "is_negative": movement.amount_minor < 0,
        "sequence": movement.entry.posting.sequence,
    }


def _kind(movement: Movement) -> str:
    return wording.movement(movement.kind, str(movement.entry.posting.get_kind_display()))


def _payout(payer: Statement | None) -> dict[str, Any] | None:
    payout: Payout | None = getattr(payer, "payout", None) if payer else None
    if payout is None:
        return None
    return {
        "amount": numbers.money(payout.amount_minor, payout.currency),
        "state": wording.payout_state(payout.state),
        "attempts": [
            {"at": attempt.at, "reference": attempt.reference, "state": attempt.state}
            for attempt in payout.attempts.all()
        ],
    }


def _head() -> list[str]:
    return [
        _("Posting"), _("Booked"), _("Movement"), _("Order"), _("Customer"), _("Line"), _("Type"), _("Amount"),
        _("Currency"),
    ]  # fmt: skip


def _lines(found: Statement, disclosure: Disclosure) -> Iterator[list[Cell]]:
    currency = found.currency
    yield [
        None,
        found.period_start,
        _("Opening balance"),
        None,
        None,
        None,
        None,
        csv_export.major(found.opening_minor, currency),
        currency,
    ]
    for movement in movements(found):
        line = _line(movement, found, disclosure)
        yield [
            line["sequence"], movement.booked_at, line["kind"], line["order"], line["customer"], line["line"], line["type"],
            csv_export.major(movement.amount_minor, currency), currency,
        ]  # fmt: skip
    last = found.period_end - timedelta(days=1)
    yield [
        None,
        last,
        _("Closing balance"),
        None,
        None,
        None,
        None,
        csv_export.major(found.closing_minor, currency),
        currency,
    ]
    yield [
        None,
        last,
        _("To be paid"),
        None,
        None,
        None,
        None,
        csv_export.major(found.payable_minor, currency),
        currency,
    ]
