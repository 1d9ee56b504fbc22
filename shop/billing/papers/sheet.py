"""The store's A4 sheet: fonts, colours, margins, and the foot with the page. PDF/A-3, so that data may travel in it."""

import logging
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from babel import Locale
from django.conf import settings
from django.utils import formats, translation
from django.utils.translation import gettext as _
from fpdf import FPDF

from shop.billing.parties import Party

logging.getLogger("fontTools.subset").setLevel(logging.WARNING)  # it tells at INFO of every glyph

FONTS = Path(settings.BASE_DIR) / "static" / "dist" / "fonts"  # copied there by the front end's build
WEIGHTS = {"": 400, "B": 600}
OTHER_SCRIPTS = {
    "Greek": (re.compile("[\u0370-\u03ff]"), "noto-sans-greek"),
    "Cyrillic": (re.compile("[\u0400-\u04ff]"), "noto-sans-cyrillic"),
}
MARGIN, WIDTH, BOTTOM = 16.0, 210 - 2 * 16.0, 297 - 22.0
INK, MUTED, LINE, TINT = (16, 42, 53), (84, 104, 114), (205, 214, 218), (241, 245, 246)
NEXT: dict[str, Any] = {"new_x": "LMARGIN", "new_y": "NEXT"}
BELOW: dict[str, Any] = {"new_x": "LEFT", "new_y": "NEXT"}


class Sheet(FPDF):
    """One document in the language of the moment; `foot` stands at the left of each page's foot."""

    foot = ""

    def __init__(self, *, title: str, author: str, foot: str, made_at: datetime) -> None:
        super().__init__(format="A4", enforce_compliance="PDF/A-3B")
        self.foot = foot
        self.scripts: list[str] = []
        self.load("Text", "hanken-grotesk-latin")
        self.bring_in("More", "hanken-grotesk-latin-ext")
        self.set_creation_date(made_at)  # the same file for the same document, whenever it is asked for
        self.set_title(title)
        self.set_author(author)
        self.set_lang(translation.get_language() or "en")
        self.set_margin(MARGIN)
        self.set_auto_page_break(auto=False)
        self.set_draw_color(*LINE)
        self.add_page()

    def load(self, family: str, file: str) -> None:
        for style, weight in WEIGHTS.items():
            self.add_font(family, style, FONTS / f"{file}-{weight}-normal.woff")

    def bring_in(self, family: str, file: str) -> None:
        """Take letters that the text's font lacks from another one."""
        self.load(family, file)
        self.scripts.append(family)
        self.set_fallback_fonts(self.scripts, exact_match=False)

    def normalize_text(self, text: str) -> str:
        """Bring in a script when the first text comes that needs it: most papers need none, and fonts take time."""
        for family, (letters, file) in OTHER_SCRIPTS.items():
            if family not in self.scripts and letters.search(text):
                self.bring_in(family, file)
        return super().normalize_text(text)

    def footer(self) -> None:
        self.set_y(-14)
        self.ink(MUTED, 7.5)
        self.cell(WIDTH * 0.85, 5, self.fitting(self.foot, WIDTH * 0.85 - 4))
        self.cell(WIDTH * 0.15, 5, _("Page %(page)s of {nb}") % {"page": self.page_no()}, align="R")

    def fitting(self, text: str, width: float) -> str:
        """Return the text, cut at its end where it is wider than so many millimetres."""
        while self.get_string_width(text) > width:
            text = text.rstrip("…")[:-1].rstrip() + "…"
        return text

    def ink(self, colour: tuple[int, int, int] = INK, size: float = 9, *, bold: bool = False) -> None:
        self.set_font("Text", "B" if bold else "", size)
        self.set_text_color(*colour)

    def paragraph(self, text: str, *, width: float = WIDTH, height: float = 4.6, **where: Any) -> None:
        self.multi_cell(width, height, text, align="L", **(where or NEXT))

    def height_of(self, text: str, width: float, height: float) -> float:
        found: Any = self.multi_cell(width, height, text, align="L", dry_run=True, output="HEIGHT")
        return float(found)

    def keep_together(self, height: float) -> None:
        """Go on on a new page unless so many millimetres are left on this one."""
        if self.get_y() + height > BOTTOM:
            self.add_page()

    def block(self, label: str, lines: Iterable[str], *, left: float, top: float, width: float) -> float:
        """Print a small label and lines below it, the first one bold; return where it ends."""
        self.set_xy(left, top)
        self.ink(MUTED, 7.5)
        self.paragraph(label, width=width, height=4.5, **BELOW)
        for number, line in enumerate(lines):
            self.ink(bold=not number)
            self.paragraph(line, width=width, **BELOW)
        bottom: float = self.get_y()
        return bottom

    def facts(self, pairs: Sequence[tuple[str, str]], *, left: float, top: float, width: float, label: float) -> float:
        """Print labels with their values beside them; return where they end."""
        self.set_xy(left, top)
        for name, value in pairs:
            start = self.get_y()
            self.ink(MUTED, 8.5)
            self.paragraph(name, width=label, **BELOW)
            after_name = self.get_y()
            self.set_xy(left + label, start)
            self.ink(size=8.5)
            self.paragraph(value, width=width - label, **BELOW)
            self.set_xy(left, max(after_name, self.get_y()))
        bottom: float = self.get_y()
        return bottom


def money(amount: Decimal, currency: str = "") -> str:
    """Return an amount as the reader writes it, with the currency's code behind it when given."""
    written = formats.number_format(amount, 2, use_l10n=True, force_grouping=True)
    return f"{written}\u00a0{currency}" if currency else written


def day(value: date) -> str:
    return formats.date_format(value, "DATE_FORMAT")


def country(code: str) -> str:
    """Return a country's name in the reader's language."""
    return Locale.parse(translation.to_locale(translation.get_language() or "en")).territories.get(code, code)


def address(party: Party, *, home: str = "") -> list[str]:
    """Return name and address, a line each; the country only where it is not `home`."""
    town = f"{party.postcode} {party.city}".strip()
    abroad = country(party.country) if party.country and party.country != home else ""
    return [line for line in (party.name, party.contact, *party.lines, town, abroad) if line]
