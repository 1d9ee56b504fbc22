"""The texts of a statement on paper, for whoever reads it: the portal and the desk bring their wording."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from channels.commissions import tax
from channels.commissions.models import Statement
from channels.commissions.statement_pdf import Row, Sheet

Money = Callable[[int, str], str]


def sheet_of(statement: Statement, rows: Iterable[Row], *, money: Money) -> Sheet:
    """Return what is printed of a closed statement: its sides and wording as they were at its closing."""

    def text(minor: int) -> str:
        return money(minor, statement.currency)

    last_day = statement.period_end - timedelta(days=1)
    told = statement.printed.get("tax", {})
    opening = Row(
        date_format(statement.period_start, "SHORT_DATE_FORMAT"),
        _("Opening balance"),
        "",
        "",
        text(statement.opening_minor),
    )
    return Sheet(
        title=_("Statement %(month)s") % {"month": date_format(statement.period_start, "F Y")},
        number=statement.number,
        state=str(statement.get_state_display()),
        closed_at=statement.closed_at,
        issuer=side_lines(statement.printed.get("issuer", {})),
        partner=side_lines(statement.printed.get("partner", {"name": statement.partner.name})),
        facts=[
            (_("Period"), f"{date_format(statement.period_start)} – {date_format(last_day)}"),
            (_("Closed"), f"{date_format(statement.closed_at, 'DATETIME_FORMAT')} UTC"),
            *([(_("Agreement"), f"{told['agreement']}, {told['agreed_on']}")] if told.get("agreement") else []),
        ],
        rows=[opening, *rows],
        totals=[
            (_("Movement"), text(statement.movement_minor)),
            (_("Closing balance"), text(statement.closing_minor)),
            (_("Carried over"), text(statement.closing_minor - statement.payable_minor)),
            (_("To be paid"), text(statement.payable_minor)),
        ],
        sentences=tax.sentences(told),
        seal=f"#{statement.chain_sequence} {statement.chain_head}",
    )


def side_lines(side: dict[str, str]) -> list[str]:
    """Name, address, country and tax id, leaving out what is not known."""
    place = ", ".join(part for part in (side.get("address") or side.get("city"), side.get("country")) if part)
    vat_id = side.get("vat_id")
    return [part for part in (side.get("name", ""), place, _("Tax id %s") % vat_id if vat_id else "") if part]
