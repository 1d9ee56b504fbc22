"""The paper that travels with returned goods: one page, its number as a QR code that the warehouse scans."""

from io import BytesIO

import segno
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.billing import parties
from shop.billing.papers.sheet import BOTTOM, INK, MARGIN, MUTED, NEXT, TINT, WIDTH, Sheet, address, day
from shop.returns.models import ReturnLine, ReturnRequest

QR = 34.0
HALF = WIDTH / 2 - 4
ROW = 4.6
COLUMNS = (22.0, 46.0)  # quantity, reason; the goods take the rest


def build(request: ReturnRequest) -> bytes:
    """Return the slip as PDF, in the language of the moment. The same return gives the same slip."""
    seller = parties.seller()
    sheet = Sheet(
        title=f"{_('Return slip')} {request.reference}",
        author=seller.name,
        foot=f"{seller.name} · {_('Return slip')} {request.reference}",
        made_at=request.requested_at,
    )
    _head(sheet, request)
    top = sheet.get_y() + 6
    to = sheet.block(_("Send the goods to"), address(seller), left=MARGIN, top=top, width=HALF)
    place = parties.delivery(request.order) or parties.buyer(request.order)
    sender = sheet.block(_("From"), address(place, home=seller.country), left=MARGIN + HALF + 8, top=top, width=HALF)
    sheet.set_xy(MARGIN, max(to, sender) + 8)
    _goods(sheet, list(request.lines.select_related("line")))
    _steps(sheet)
    return bytes(sheet.output())


def _head(sheet: Sheet, request: ReturnRequest) -> None:
    """Title and facts on the left, the code on the right."""
    top = sheet.get_y()
    code = BytesIO()
    segno.make(request.reference, error="m", micro=False).save(code, kind="png", scale=8, border=0)
    code.seek(0)
    sheet.image(code, x=MARGIN + WIDTH - QR, y=top, w=QR, h=QR, alt_text=request.reference)
    sheet.ink(size=19, bold=True)
    sheet.paragraph(_("Return slip"), width=WIDTH - QR - 6, height=9)
    sheet.ink(INK, 13, bold=True)
    sheet.paragraph(request.reference, width=WIDTH - QR - 6, height=8)
    facts = [
        (_("Order"), request.order.number),
        (_("Company"), request.company.name),
        (_("Requested"), day(timezone.localdate(request.requested_at))),
    ]
    bottom = sheet.facts(facts, left=MARGIN, top=sheet.get_y() + 2, width=WIDTH - QR - 6, label=32)
    sheet.set_xy(MARGIN, max(bottom, top + QR))


def _goods(sheet: Sheet, lines: list[ReturnLine]) -> None:
    wide = WIDTH - sum(COLUMNS)
    _heads(sheet, wide)
    for row in lines:
        sheet.ink(size=9)
        height = sheet.height_of(row.line.title, wide - 2, ROW) + (ROW if row.line.partner_sku else 0) + 3
        if sheet.get_y() + height > BOTTOM:
            sheet.add_page()
            _heads(sheet, wide)
        top = sheet.get_y()
        sheet.set_xy(MARGIN, top + 1.5)
        sheet.paragraph(row.line.title, width=wide - 2, height=ROW)
        if row.line.partner_sku:
            sheet.ink(MUTED, 8)
            sheet.paragraph(row.line.partner_sku, width=wide - 2, height=ROW)
        sheet.ink(size=9)
        sheet.set_xy(MARGIN + wide, top + 1.5)
        sheet.cell(COLUMNS[0], ROW, str(row.quantity), align="R")
        sheet.set_x(MARGIN + wide + COLUMNS[0] + 4)
        sheet.cell(COLUMNS[1] - 4, ROW, row.get_reason_display())
        sheet.line(MARGIN, top + height, MARGIN + WIDTH, top + height)
        sheet.set_xy(MARGIN, top + height)


def _heads(sheet: Sheet, wide: float) -> None:
    sheet.ink(size=8, bold=True)
    sheet.set_fill_color(*TINT)
    sheet.cell(wide, 6.4, _("Goods"), fill=True)
    sheet.cell(COLUMNS[0], 6.4, _("Quantity"), align="R", fill=True)
    sheet.cell(4, 6.4, "", fill=True)
    sheet.cell(COLUMNS[1] - 4, 6.4, _("Reason"), fill=True, **NEXT)


def _steps(sheet: Sheet) -> None:
    steps = (
        _("Pack the goods as they came, with everything that belongs to them."),
        _("Put this slip into the parcel: without its number we cannot tell whose goods they are."),
        _("Send the parcel to the address above and keep the carrier's receipt until we write to you."),
    )
    sheet.keep_together(12 + 8 * len(steps))
    sheet.set_xy(MARGIN, sheet.get_y() + 8)
    sheet.ink(size=11, bold=True)
    sheet.paragraph(_("How to send it"), height=7)
    sheet.ink(size=9.5)
    for number, text in enumerate(steps, 1):
        sheet.paragraph(f"{number}.  {text}", height=6)
