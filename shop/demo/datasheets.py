"""One-page datasheets as PDF: brand header, what it is, the attributes, the drawing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from fpdf import FPDF

from shop.demo.drawings.palette import INK, LINE, MIST, PETROL, SIGNAL

# The core fonts of PDF know Latin-1; these characters of our texts are not in it.
REPLACEMENTS = str.maketrans({"–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "≤": "<=", "≥": ">=", "Ω": "Ohm"})
MARGIN = 16.0
DRAWING = 62.0
# A fixed date keeps the file the same from one seeding to the next.
ISSUED = datetime(2026, 1, 5, tzinfo=UTC)


def build(
    *, sku: str, title: str, paragraphs: Sequence[str], attributes: Sequence[tuple[str, str]], drawing: bytes
) -> bytes:
    pdf = FPDF(format="A4")
    pdf.set_creation_date(ISSUED)
    pdf.set_title(plain(f"{sku} datasheet"))
    pdf.set_author("Nordlys Instruments")
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(MARGIN)
    pdf.add_page()
    _header(pdf, sku)
    _introduction(pdf, title, paragraphs, drawing)
    _table(pdf, attributes)
    _footer(pdf, sku)
    return bytes(pdf.output())


def plain(words: str) -> str:
    return words.translate(REPLACEMENTS).encode("latin-1", "replace").decode("latin-1")


def _header(pdf: FPDF, sku: str) -> None:
    pdf.set_fill_color(*INK)
    pdf.rect(0, 0, 210, 24, style="F")
    pdf.set_fill_color(*SIGNAL)
    pdf.rect(0, 24, 210, 1.4, style="F")
    pdf.set_text_color(255, 255, 255)
    pdf.set_font("Helvetica", "B", 13)
    pdf.text(MARGIN, 12.5, "NORDLYS INSTRUMENTS")
    pdf.set_font("Helvetica", "", 8.5)
    pdf.text(MARGIN, 18, "Measured in the north")
    pdf.set_font("Helvetica", "", 10)
    pdf.set_xy(210 - MARGIN - 70, 8)
    pdf.cell(70, 8, plain(f"Datasheet {sku}"), align="R")


def _introduction(pdf: FPDF, title: str, paragraphs: Sequence[str], drawing: bytes) -> None:
    width = 210 - 2 * MARGIN - DRAWING - 8
    pdf.image(BytesIO(drawing), x=210 - MARGIN - DRAWING, y=33, w=DRAWING)
    pdf.set_xy(MARGIN, 33)
    pdf.set_text_color(*INK)
    pdf.set_font("Helvetica", "B", 16)
    pdf.multi_cell(width, 7, plain(title), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)
    pdf.set_font("Helvetica", "", 9.5)
    pdf.set_text_color(50, 70, 80)
    for paragraph in paragraphs:
        pdf.multi_cell(width, 4.8, plain(paragraph), align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(2)
    pdf.set_y(max(pdf.get_y() + 4, 33 + DRAWING + 8))


def _table(pdf: FPDF, attributes: Sequence[tuple[str, str]]) -> None:
    pdf.set_font("Helvetica", "B", 11)
    pdf.set_text_color(*PETROL)
    pdf.cell(0, 8, "Technical data", new_x="LMARGIN", new_y="NEXT")
    pdf.set_draw_color(*LINE)
    for index, (name, value) in enumerate(attributes):
        pdf.set_fill_color(*(MIST if index % 2 == 0 else (255, 255, 255)))
        pdf.set_font("Helvetica", "", 9)
        pdf.set_text_color(80, 104, 114)
        pdf.cell(62, 7, plain(f"  {name}"), fill=True)
        pdf.set_text_color(*INK)
        pdf.cell(0, 7, plain(value), fill=True, new_x="LMARGIN", new_y="NEXT")


def _footer(pdf: FPDF, sku: str) -> None:
    pdf.set_draw_color(*LINE)
    pdf.line(MARGIN, 280, 210 - MARGIN, 280)
    pdf.set_font("Helvetica", "", 7.5)
    pdf.set_text_color(110, 130, 138)
    pdf.text(
        MARGIN, 285, plain(f"{sku}, issued {ISSUED:%B %Y}. Values at 23 °C unless stated otherwise. Subject to change.")
    )
    pdf.text(
        MARGIN,
        289,
        plain("Nordlys Instruments AS, Måleveien 1, 7010 Trondheim, Norway. A fictional maker for demonstration."),
    )
