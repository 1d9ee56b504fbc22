"""An invoice or a credit note as PDF, in the reader's language."""

from decimal import Decimal

from django.utils.translation import gettext as _

from shop.billing.models import DocumentLine
from shop.billing.papers.paper import Paper
from shop.billing.papers.sheet import BOTTOM, INK, MARGIN, MUTED, NEXT, TINT, WIDTH, Sheet, address, day, money
from shop.billing.papers.tax_codes import TaxRow
from shop.companies.models import Company
from shop.tax.models import Reason
from shop.tax.notes import note_of

HALF = WIDTH / 2 - 4
RIGHT = MARGIN + WIDTH / 2 + 4
ROW, PADDING = 4.3, 1.3
CARRIED = ROW + 2 * PADDING


def build(paper: Paper) -> Sheet:
    """Return the sheet, still open: a file may be embedded before `output`."""
    title = _("Credit note") if paper.is_credit else _("Invoice")
    sheet = Sheet(
        title=f"{title} {paper.number}",
        author=paper.seller.name,
        foot=f"{paper.seller.name} · {title} {paper.number}",
        made_at=paper.made_at,
    )
    _head(sheet, paper, title)
    _Lines(sheet, paper).print()
    _totals(sheet, paper)
    _taxes(sheet, paper)
    _foot(sheet, paper)
    return sheet


def _head(sheet: Sheet, paper: Paper, title: str) -> None:
    """Title, both parties beside each other, then the facts beside the address of delivery."""
    sheet.ink(size=19, bold=True)
    sheet.paragraph(title, height=9)
    sheet.ink(MUTED, 9.5)
    sheet.paragraph(paper.number, height=5)
    top = sheet.get_y() + 5
    home, seller = paper.seller.country, paper.seller
    ours = [*address(seller), *([_("VAT id %s") % seller.vat_id] if seller.vat_id else []), seller.email]
    theirs = address(paper.buyer, home=home) + ([_("VAT id %s") % paper.buyer.vat_id] if paper.buyer.vat_id else [])
    bottom = max(
        sheet.block(_("To"), theirs, left=MARGIN, top=top, width=HALF),
        sheet.block(_("From"), [line for line in ours if line], left=RIGHT, top=top, width=HALF),
    )
    top = bottom + 5
    bottom = sheet.facts(_facts(paper), left=MARGIN, top=top, width=HALF, label=38)
    if paper.delivery:
        lines = address(paper.delivery, home=home)
        bottom = max(bottom, sheet.block(_("Delivered to"), lines, left=RIGHT, top=top - 0.4, width=HALF))
    sheet.set_xy(MARGIN, bottom + 6)


def _facts(paper: Paper) -> list[tuple[str, str]]:
    facts = [(_("Date"), day(paper.issued_on))]
    if paper.is_credit:
        facts += [(_("For invoice"), f"{paper.invoice_number}, {day(paper.invoiced_on or paper.issued_on)}")]
        facts += [(_("Reason"), paper.reason)]
    elif paper.due_on and paper.is_to_be_transferred:
        facts += [(_("Due"), day(paper.due_on))]
    facts += [
        (_("Order"), paper.order_number),
        (_("Your order number"), paper.purchase_order_number),
        (_("Cost centre"), paper.cost_centre),
    ]
    return [(name, value) for name, value in facts if value]


class _Lines:
    """The table of lines; what was summed so far is carried over each page."""

    def __init__(self, sheet: Sheet, paper: Paper) -> None:
        self.sheet, self.paper = sheet, paper
        has_discount = any(line.discount for line in paper.lines)
        discount = [(_("Discount"), 20.0)] if has_discount else []
        rest = [(_("Quantity"), 17.0), (_("Unit price"), 25.0), *discount, (_("VAT"), 14.0), (_("Net"), 27.0)]
        self.has_discount = has_discount
        wide = WIDTH - 8 - sum(width for _name, width in rest)
        self.columns = [("", 8.0), (_("Description"), wide), *rest]

    def print(self) -> None:
        self.heads()
        carried = Decimal(0)
        for number, line in enumerate(self.paper.lines, 1):
            is_last = number == len(self.paper.lines)
            height = self.height(line)
            if self.sheet.get_y() + height + (0 if is_last else CARRIED) > BOTTOM:
                self.carry(_("Carried forward"), carried)
                self.sheet.add_page()
                self.heads()
                self.carry(_("Brought forward"), carried)
            self.line(line, height)
            carried += line.net

    def heads(self) -> None:
        self.sheet.ink(size=8, bold=True)
        self.sheet.set_fill_color(*TINT)
        for place, (name, width) in enumerate(self.columns):
            self.sheet.cell(width, 6.4, name, align="L" if place < 2 else "R", fill=True)
        self.sheet.ln(6.4)

    def carry(self, label: str, amount: Decimal) -> None:
        self.sheet.ink(MUTED, 8)
        self.sheet.cell(WIDTH - self.columns[-1][1], CARRIED, label, align="R")
        self.sheet.cell(self.columns[-1][1], CARRIED, money(amount), align="R", **NEXT)
        self.rule()

    def height(self, line: DocumentLine) -> float:
        self.sheet.ink(size=8.5)
        width = self.columns[1][1]
        name = self.sheet.height_of(line.title, width, ROW)
        return 2 * PADDING + name + (self.sheet.height_of(line.sku, width, ROW - 0.6) if line.sku else 0)

    def line(self, line: DocumentLine, height: float) -> None:
        sheet, top = self.sheet, self.sheet.get_y()
        values = [str(line.quantity), money(line.unit_price)]
        values += [money(-line.discount) if line.discount else ""] if self.has_discount else []
        values += [f"{(line.tax_rate * 100).normalize():f}\u00a0%", money(line.net)]
        sheet.set_xy(MARGIN, top + PADDING)
        sheet.ink(MUTED, 8.5)
        sheet.cell(self.columns[0][1], ROW, str(line.position))
        left, width = sheet.get_x(), self.columns[1][1]
        sheet.ink(size=8.5)
        sheet.paragraph(line.title, width=width, height=ROW, new_x="LEFT", new_y="NEXT")
        if line.sku:
            sheet.ink(MUTED, 7.5)
            sheet.paragraph(line.sku, width=width, height=ROW - 0.6, new_x="LEFT", new_y="NEXT")
        sheet.set_xy(left + width, top + PADDING)
        sheet.ink(size=8.5)
        for value, (_name, width) in zip(values, self.columns[2:], strict=True):
            sheet.cell(width, ROW, value, align="R")
        sheet.set_xy(MARGIN, top + height)
        self.rule()

    def rule(self) -> None:
        y = self.sheet.get_y()
        self.sheet.line(MARGIN, y, MARGIN + WIDTH, y)


def _totals(sheet: Sheet, paper: Paper) -> None:
    rows = [(_("Net"), paper.net), (_("VAT"), paper.tax)]
    rows += [(_("Total credited") if paper.is_credit else _("Total"), paper.gross)]
    sheet.keep_together(4 + 6 * len(rows) + 8)
    sheet.ln(4)
    sheet.set_fill_color(*TINT)
    for place, (label, amount) in enumerate(rows, 1):
        is_last = place == len(rows)
        sheet.ink(INK, 11 if is_last else 9, bold=is_last)
        sheet.set_x(MARGIN + WIDTH * 0.45)
        sheet.cell(WIDTH * 0.27, 7.5 if is_last else 5.5, label, fill=is_last)
        sheet.cell(
            WIDTH * 0.28, 7.5 if is_last else 5.5, money(amount, paper.currency), align="R", fill=is_last, **NEXT
        )
    sheet.ln(4)


def _taxes(sheet: Sheet, paper: Paper) -> None:
    """A row for each rate and reason, then the sentence that the law asks for where no tax is charged."""
    columns = ((_("VAT rate"), 80.0, "L"), (_("Taxable amount"), 34.0, "R"), (_("VAT"), 30.0, "R"))
    note = note_of((row.reason, row.country, row.rate) for row in paper.taxes)
    sheet.keep_together(6 + 5 * len(paper.taxes) + 12)
    sheet.ink(MUTED, 8, bold=True)
    for name, width, align in columns:
        sheet.cell(width, 5.4, name, align=align)
    sheet.ln(5.4)
    sheet.ink(size=8.5)
    for row in paper.taxes:
        values = (_rate(row), money(row.base), money(row.tax))
        for value, (_name, width, align) in zip(values, columns, strict=True):
            sheet.cell(width, 5, value, align=align)
        sheet.ln(5)
    sheet.ln(1.5)
    sheet.ink(size=8.5)
    sheet.paragraph(note)
    sheet.ln(4)


def _rate(row: TaxRow) -> str:
    """Return the rate, and why where it is not the country's own."""
    is_said = row.reason in Reason.values and row.reason != Reason.DOMESTIC
    return f"{row.percent}\u00a0% {Reason(row.reason).label if is_said else ''}".strip()


def _foot(sheet: Sheet, paper: Paper) -> None:
    """How it is paid, kept together on a page."""
    sheet.keep_together(40)
    if paper.is_credit:
        sheet.ink()
        sheet.paragraph(
            _("This amount is taken off invoice %(number)s. What was paid already is paid back.")
            % {"number": paper.invoice_number}
        )
        return
    if not paper.is_to_be_transferred:
        sheet.ink()
        method = Company.PaymentMethod(paper.payment_method).label
        sheet.paragraph(_("Nothing to transfer. Payment: %s.") % method)
        return
    sheet.ink(size=10, bold=True)
    sheet.paragraph(_("Payment"), height=6)
    facts = [
        (_("Amount"), money(paper.payable, paper.currency)),
        (_("Due"), day(paper.due_on) if paper.due_on else ""),
        (_("Account (IBAN)"), _in_fours(paper.seller.iban)),
        ("BIC", paper.seller.bic),
        (_("Payment reference"), paper.number),
    ]
    facts = [(name, value) for name, value in facts if value]
    sheet.facts(facts, left=MARGIN, top=sheet.get_y(), width=WIDTH, label=38)
    sheet.ln(2)
    sheet.ink(MUTED, 8)
    sheet.paragraph(_("Please give the payment reference with your transfer, so that it finds this invoice."))


def _in_fours(iban: str) -> str:
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
