"""A statement on paper: A4, in the reader's language, with the seal of the ledger at its end.

The caller brings ready texts (a Sheet), so that the portal can keep to its data level and the desk to its own.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.fonts import FontFace

logging.getLogger("fontTools.subset").setLevel(logging.WARNING)  # it tells at INFO of every glyph

FONTS = Path(settings.BASE_DIR) / "static" / "dist" / "fonts"  # copied there by the front end's build
WEIGHTS = {"": 400, "B": 600}
OTHER_SCRIPTS = {
    "Greek": (re.compile("[\u0370-\u03ff]"), "noto-sans-greek"),
    "Cyrillic": (re.compile("[\u0400-\u04ff]"), "noto-sans-cyrillic"),
}
MARGIN, WIDTH = 16.0, 210 - 2 * 16.0
INK, MUTED, LINE, TINT = (16, 42, 53), (84, 104, 114), (205, 214, 218), (241, 245, 246)
NEXT: dict[str, Any] = {"new_x": "LMARGIN", "new_y": "NEXT"}
COLUMNS = (21, 44, 26, 60, 27)  # millimetres: day, movement, order, what for, amount


@dataclass(frozen=True, slots=True)
class Row:
    """One movement, or a balance: texts as they are printed."""

    day: str
    kind: str
    order: str
    what: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All that is printed. `totals` are (label, amount); the last is what will be paid."""

    title: str
    number: str
    state: str
    closed_at: datetime
    issuer: Sequence[str]
    partner: Sequence[str]
    facts: Sequence[tuple[str, str]]
    rows: Iterable[Row]
    totals: Sequence[tuple[str, str]]
    sentences: Sequence[str]
    seal: str


class _Page(FPDF):
    """Repeats the number and the page at the foot of each page."""

    number = ""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.scripts: list[str] = []

    def load(self, family: str, file: str) -> None:
        for style, weight in WEIGHTS.items():
            self.add_font(family, style, FONTS / f"{file}-{weight}-normal.woff")

    def bring_in(self, family: str, file: str) -> None:
        """Take letters that the text's font lacks from another one."""
        self.load(family, file)
        self.scripts.append(family)
        self.set_fallback_fonts(self.scripts, exact_match=False)

    def normalize_text(self, text: str) -> str:
        """Bring in a script when the first text comes that needs it: most statements need none, and fonts take time."""
        for family, (letters, file) in OTHER_SCRIPTS.items():
            if family not in self.scripts and letters.search(text):
                self.bring_in(family, file)
        return super().normalize_text(text)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("Text", "", 7.5)
        self.set_text_color(*MUTED)
        self.cell(WIDTH / 2, 5, self.number)
        self.cell(WIDTH / 2, 5, _("Page %(page)s of {nb}") % {"page": self.page_no()}, align="R")


def build(sheet: Sheet) -> bytes:
    """Return the file. It is the same for the same sheet: its date is that of the closing."""
    pdf = _Page()
    pdf.number = sheet.number
    pdf.load("Text", "hanken-grotesk-latin")
    pdf.bring_in("More", "hanken-grotesk-latin-ext")
    pdf.set_creation_date(sheet.closed_at)
    pdf.set_title(f"{sheet.title} {sheet.number}")
    pdf.set_author(sheet.issuer[0] if sheet.issuer else "")
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(auto=True, margin=20)
    pdf.add_page()
    _head(pdf, sheet)
    _parties(pdf, sheet)
    _movements(pdf, sheet)
    _totals(pdf, sheet)
    _foot(pdf, sheet)
    return bytes(pdf.output())


def _head(pdf: FPDF, sheet: Sheet) -> None:
    pdf.set_text_color(*INK)
    pdf.set_font("Text", "B", 19)
    pdf.multi_cell(WIDTH, 9, sheet.title, align="L", **NEXT)
    pdf.set_font("Text", "", 9.5)
    pdf.set_text_color(*MUTED)
    pdf.multi_cell(WIDTH, 5, f"{sheet.number} · {sheet.state}", align="L", **NEXT)
    pdf.ln(5)


def _parties(pdf: FPDF, sheet: Sheet) -> None:
    """Both sides beside each other, however many lines each takes, then the facts."""
    top, bottom = pdf.get_y(), pdf.get_y()
    half = WIDTH / 2 - 4
    for left, label, lines in (
        (MARGIN, _("Partner"), sheet.partner),
        (MARGIN + WIDTH / 2 + 4, _("Issued by"), sheet.issuer),
    ):
        pdf.set_xy(left, top)
        pdf.set_font("Text", "", 7.5)
        pdf.set_text_color(*MUTED)
        pdf.multi_cell(half, 4.5, label, align="L", new_x="LEFT", new_y="NEXT")
        for number, line in enumerate(lines):
            pdf.set_text_color(*INK)
            pdf.set_font("Text", "" if number else "B", 9.5)
            pdf.multi_cell(half, 4.8, line, align="L", new_x="LEFT", new_y="NEXT")
        bottom = max(bottom, pdf.get_y())
    pdf.set_xy(MARGIN, bottom + 5)
    pdf.set_font("Text", "", 8.5)
    for label, value in sheet.facts:
        pdf.set_text_color(*MUTED)
        pdf.cell(44, 4.8, label)
        pdf.set_text_color(*INK)
        pdf.multi_cell(WIDTH - 44, 4.8, value, align="L", **NEXT)
    pdf.ln(5)


def _movements(pdf: FPDF, sheet: Sheet) -> None:
    heads = (_("Booked"), _("Movement"), _("Order"), _("For"), _("Amount"))
    pdf.set_draw_color(*LINE)
    pdf.set_text_color(*INK)
    pdf.set_font("Text", "", 8)
    with pdf.table(
        width=int(WIDTH),
        col_widths=COLUMNS,
        text_align=("LEFT", "LEFT", "LEFT", "LEFT", "RIGHT"),
        borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(emphasis="BOLD", color=INK, fill_color=TINT),
        line_height=4.4,
        padding=(1.1, 1.2),
        wrapmode="WORD",
        v_align="TOP",
    ) as table:
        table.row(heads)
        for row in sheet.rows:
            table.row((row.day, row.kind, row.order, row.what, row.amount))
    pdf.ln(3)


def _totals(pdf: FPDF, sheet: Sheet) -> None:
    if pdf.will_page_break(7 * len(sheet.totals)):
        pdf.add_page()
    for place, (label, amount) in enumerate(sheet.totals, start=1):
        is_last = place == len(sheet.totals)
        pdf.set_font("Text", "B" if is_last else "", 11 if is_last else 9)
        pdf.set_fill_color(*TINT)
        pdf.set_x(MARGIN + WIDTH * 0.4)
        pdf.cell(WIDTH * 0.35, 7 if is_last else 5.5, label, fill=is_last)
        pdf.cell(WIDTH * 0.25, 7 if is_last else 5.5, amount, align="R", fill=is_last, **NEXT)
    pdf.ln(5)


def _foot(pdf: FPDF, sheet: Sheet) -> None:
    """Kept together: a sentence of law does not break over two pages."""
    if pdf.will_page_break(14 + 11 * len(sheet.sentences)):
        pdf.add_page()
    pdf.set_font("Text", "", 8.5)
    pdf.set_text_color(*INK)
    for sentence in sheet.sentences:
        pdf.multi_cell(WIDTH, 4.6, sentence, align="L", **NEXT)
        pdf.ln(1)
    pdf.ln(2)
    pdf.set_text_color(*MUTED)
    pdf.set_font("Text", "", 7.5)
    pdf.multi_cell(
        WIDTH,
        4.2,
        _("Seal of the ledger at the closing, which fits only the books behind this statement:"),
        align="L",
        **NEXT,
    )
    pdf.multi_cell(WIDTH, 4.2, sheet.seal, align="L", **NEXT)
