"""Statements: the list, one as a page to read and print, and as files: PDF, CSV, and JSON to recompute it from."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from channels.commissions import tax
from channels.commissions.engine import recompute
from channels.commissions.models import LedgerPosting, Payout, Statement
from channels.commissions.selectors.payees import waits_until
from channels.commissions.selectors.statement_export import export
from channels.commissions.selectors.statements import statement, statements
from channels.commissions.statement_pdf import Row, build
from channels.commissions.statement_sheet import sheet_of, side_lines
from channels.core.cells import Cell
from channels.portal import csv_export, numbers, wording
from channels.portal.access import Capability, MemberView
from channels.portal.disclosure import Disclosure
from channels.portal.forms import MovementFilterForm, StatementFilterForm
from channels.portal.selectors.money import Movement, movement, movement_rows, settling, totals_by_kind
from channels.portal.views.page import PortalPage

PER_PAGE, MOVEMENTS_PER_PAGE = 24, 100
MOST_ON_PAPER, FEW_MOVEMENTS = 600, 12


class StatementListView(PortalPage):
    capability = Capability.STATEMENTS
    section = "statements"
    template_name = "channels/portal/statements.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        form = StatementFilterForm(self.request.GET, own=statements(self.partner))
        wanted = {name: value for name, value in form.wanted().items() if value}
        found = statements(self.partner).filter(**wanted).order_by("-period_start", "currency")
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        return {
            "page": page,
            "form": form,
            "is_filtered": bool(wanted),
            "rows": [_row(row) for row in page.object_list],
        }


class StatementView(PortalPage):
    capability = Capability.STATEMENTS
    section = "statements"
    template_name = "channels/portal/statement.html"

    def content(self, **kwargs: Any) -> dict[str, Any]:
        found = own_statement(self, kwargs["number"])
        disclosure = self.disclosure()
        by_kind = totals_by_kind(found)
        form = MovementFilterForm(self.request.GET, kinds=[(kind, _kind_label(kind)) for kind in by_kind])
        wanted = form.wanted()
        page = Paginator(movement_rows(found, **wanted), MOVEMENTS_PER_PAGE).get_page(self.request.GET.get("page"))
        payer = settling(found, statements(self.partner).order_by("period_start"))
        return {
            "disclosure": disclosure,
            "statement": found,
            "row": _row(found),
            "form": form,
            "is_filtered": any(wanted.values()),
            "page": page,
            "lines": [_line(movement(line), found, disclosure) for line in page.object_list],
            "by_kind": [(_kind_label(kind), numbers.money(amount, found.currency)) for kind, amount in by_kind.items()],
            "payer": payer if payer and payer.pk != found.pk else None,
            "payout": _payout(payer),
            "files": [
                {"label": kind.upper(), "href": reverse(f"portal:statement-{kind}", args=[found.number])}
                for kind in ("pdf", "csv", "json")
            ],
            "show_filters": any(wanted.values()) or page.paginator.count > FEW_MOVEMENTS,
            "sides": _sides(found),
            "tax_sentences": tax.sentences(found.printed.get("tax", {})),
            "payouts_wait_until": waits_until(self.partner.pk, now=timezone.now()),
        }


class StatementExportView(MemberView):
    capability = Capability.STATEMENTS

    def get(self, request: HttpRequest, number: str) -> HttpResponseBase:
        found = own_statement(self, number)
        return csv_export.response(found.number.lower(), _head(), _lines(found, self.disclosure()))


class StatementPdfView(MemberView):
    capability = Capability.STATEMENTS

    def get(self, request: HttpRequest, number: str) -> HttpResponseBase:
        found, disclosure = own_statement(self, number), self.disclosure()
        lines = movement_rows(found)[: MOST_ON_PAPER + 1]
        rows = [_paper_row(_line(movement(line), found, disclosure)) for line in lines]
        if len(rows) > MOST_ON_PAPER:  # nobody reads a hundred pages; the files hold them all
            totals = totals_by_kind(found).items()
            rows = [
                Row("", _kind_label(kind), "", "", numbers.money(amount, found.currency)) for kind, amount in totals
            ]
        return pdf_response(found, build(sheet_of(found, rows, money=numbers.money)))


class StatementJsonView(MemberView):
    """What the partner recomputes the statement from. It holds no customer and no product, so it is whole at each level."""

    capability = Capability.STATEMENTS

    def get(self, request: HttpRequest, number: str) -> HttpResponseBase:
        found = own_statement(self, number)
        answer = JsonResponse(export(found))
        answer["Content-Disposition"] = f'attachment; filename="{found.number}.json"'
        return answer


class RecomputeScriptView(MemberView):
    """The script that recomputes a statement, to be run by plain Python."""

    capability = Capability.STATEMENTS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        script = Path(recompute.__file__).read_text(encoding="utf-8")
        answer = HttpResponse(script, content_type="text/x-python; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="recompute_statement.py"'
        return answer


def pdf_response(found: Statement, content: bytes) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
    return answer


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


def _line(moved: Movement, found: Statement, disclosure: Disclosure) -> dict[str, Any]:
    order = moved.order
    return {
        "at": moved.booked_at,
        "kind": _kind_label(moved.kind),
        "order": order.number if order else "",
        "order_url": reverse("portal:order", args=[order.number]) if order else "",
        "customer": disclosure.customer(order.company) if order else "",
        "line": disclosure.line_title(moved.line) if moved.line else moved.reference,
        "type": wording.type_label(moved.type) if moved.type else "",
        "amount": numbers.money(moved.amount_minor, found.currency),
        "is_negative": moved.amount_minor < 0,
        "sequence": moved.entry.posting.sequence,
    }


def _sides(found: Statement) -> list[dict[str, Any]]:
    parties = ((_("Partner"), "partner"), (_("Issued by"), "issuer"))
    sides = ((label, side_lines(found.printed.get(key, {}))) for label, key in parties)
    return [{"label": label, "name": lines[0], "lines": lines[1:]} for label, lines in sides if lines]


def _paper_row(line: dict[str, Any]) -> Row:
    what = " · ".join(part for part in (line["customer"], str(line["line"] or ""), line["type"]) if part)
    return Row(date_format(line["at"], "SHORT_DATE_FORMAT"), line["kind"], line["order"], what, line["amount"])


def _kind_label(kind: str) -> str:
    return wording.movement(kind, str(dict(LedgerPosting.Kind.choices).get(kind, kind)))


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
    for row in movement_rows(found).iterator(chunk_size=1_000):
        moved = movement(row)
        line = _line(moved, found, disclosure)
        yield [
            line["sequence"], moved.booked_at, line["kind"], line["order"], line["customer"], line["line"], line["type"],
            csv_export.major(moved.amount_minor, currency), currency,
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
