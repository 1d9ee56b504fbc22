"""A statement of account as PDF and as CSV, in the reader's language."""

import csv
import io
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from shop.billing.papers.sheet import BOTTOM, INK, MARGIN, MUTED, NEXT, TINT, WIDTH, Sheet, address, day, money
from shop.billing.parties import Party
from shop.billing.statements import Movement, Statement
from shop.operations.csv_cells import InertRows

ROW, PADDING = 4.3, 1.2
COLUMNS = (27.0, 28.0, 36.0, 33.0, 27.0, 27.0)  # day, kind, number, about, amount, balance


def pdf_of(statement: Statement, *, seller: Party, buyer: Party, made_at: datetime) -> bytes:
    title = _("Statement of account")
    period = f"{day(statement.first)} – {day(statement.last)}"
    sheet = Sheet(
        title=title, author=seller.name, foot=f"{seller.name} · {title} {period} · {buyer.name}", made_at=made_at
    )
    sheet.ink(size=19, bold=True)
    sheet.paragraph(title, height=9)
    sheet.ink(MUTED, 9.5)
    sheet.paragraph(f"{period} · {statement.currency}", height=5)
    top = sheet.get_y() + 5
    half = WIDTH / 2 - 4
    bottom = max(
        sheet.block(_("To"), address(buyer, home=seller.country), left=MARGIN, top=top, width=half),
        sheet.block(_("From"), [*address(seller), seller.email], left=MARGIN + WIDTH / 2 + 4, top=top, width=half),
    )
    sheet.set_xy(MARGIN, bottom + 6)
    _heads(sheet)
    _balance(sheet, _("Owed on %s") % day(statement.first), statement.opening)
    for movement in statement.movements:
        _movement(sheet, movement)
    _balance(sheet, _("Owed on %s") % day(statement.last), statement.closing, statement.currency)
    return bytes(sheet.output())


def csv_of(statement: Statement) -> str:
    """Return the same rows with plain numbers; the first is the opening balance, the last the closing one."""
    target = io.StringIO()
    writer = InertRows(csv.writer(target))
    writer.writerow([_("Date"), _("Movement"), _("Number"), _("Reference"), _("Amount"), _("Balance"), _("Currency")])
    writer.writerow([statement.first, _("Opening balance"), "", "", "", statement.opening, statement.currency])
    for row in statement.movements:
        texts = (row.kind.label, row.number, row.about)
        writer.writerow([row.day, *texts, row.amount, row.balance, statement.currency])
    writer.writerow([statement.last, _("Closing balance"), "", "", "", statement.closing, statement.currency])
    return target.getvalue()


def _heads(sheet: Sheet) -> None:
    names = (_("Date"), _("Movement"), _("Number"), _("Reference"), _("Amount"), _("Balance"))
    sheet.ink(size=8, bold=True)
    sheet.set_fill_color(*TINT)
    for place, (name, width) in enumerate(zip(names, COLUMNS, strict=True)):
        sheet.cell(width, 6.4, name, align="L" if place < 4 else "R", fill=True)
    sheet.ln(6.4)


def _movement(sheet: Sheet, row: Movement) -> None:
    texts = (day(row.day), str(row.kind.label), row.number, row.about)
    sheet.ink(size=8)
    height = 2 * PADDING + max(
        sheet.height_of(text, width, ROW) for text, width in zip(texts, COLUMNS, strict=False) if text
    )
    if sheet.get_y() + height > BOTTOM:
        sheet.add_page()
        _heads(sheet)
    top, left = sheet.get_y(), MARGIN
    sheet.ink(size=8)
    for text, width in zip(texts, COLUMNS, strict=False):
        sheet.set_xy(left, top + PADDING)
        sheet.paragraph(text, width=width, height=ROW)
        left += width
    sheet.set_xy(left, top + PADDING)
    for amount, width in zip((row.amount, row.balance), COLUMNS[4:], strict=True):
        sheet.cell(width, ROW, money(amount), align="R")
    sheet.set_xy(MARGIN, top + height)
    sheet.line(MARGIN, top + height, MARGIN + WIDTH, top + height)


def _balance(sheet: Sheet, label: str, amount: Decimal, currency: str = "") -> None:
    sheet.keep_together(9)
    sheet.ink(INK, 9, bold=True)
    sheet.cell(WIDTH - 50, 8, label)
    sheet.cell(50, 8, money(amount, currency), align="R", **NEXT)
    sheet.line(MARGIN, sheet.get_y(), MARGIN + WIDTH, sheet.get_y())
