"""What is wrong with a file of touchpoints, and what to do about it, in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# code -> (what is wrong, what to do); {more} is what the code is about
PROBLEMS: dict[str, tuple[str | Promise, str | Promise]] = {
    "empty": (_("The file is empty."), _("Download the template and fill it in.")),
    "too_large": (_("The file is larger than {more} MB."), _("Split it into several files.")),
    "not_text": (_("The file is not text."), _("Save it as CSV (UTF-8), not as a workbook.")),
    "too_many_rows": (_("The file has more than {more} rows."), _("Split it into several files.")),
    "broken_quotes": (_("A quotation mark is not closed (line {more})."), _("Close it, or take it away.")),
    "columns_missing": (_("Columns are missing: {more}."), _("Add them to the first row.")),
    "columns_unknown": (
        _("Some columns are not known: {more}."),
        _("Rename or remove them. The template has the names."),
    ),
    "columns_twice": (_("A column is there twice: {more}."), _("Keep one of them.")),
    "missing": (_("This value is missing."), _("Fill it in; it is needed in every row.")),
    "too_long": (_("This value is longer than {more} characters."), _("Shorten it.")),
    "too_many_cells": (
        _("The row has more cells than the head."),
        _("Put texts that hold the separator between quotation marks."),
    ),
    "not_a_moment": (_("This is no date."), _("Write it like 2026-03-01 or 2026-03-01T14:30+01:00.")),
    "in_the_future": (_("This lies in the future."), _("A touchpoint can only be recorded once it has happened.")),
    "unknown_kind": (_("This kind is not known."), _("Use one of: {more}.")),
    "unknown_medium": (_("This medium is not known."), _("Use one of: {more}. Or leave it empty.")),
    "unknown_partner": (
        _("There is no partner with this code."),
        _("Use the code from the partner's page, or leave it empty for our own staff."),
    ),
    "unknown_company": (
        _("There is no such company."),
        _("Use its key, its VAT id, or an e-mail domain that is its alone."),
    ),
    "ambiguous_company": (_("Several companies have this VAT id or domain."), _("Use the company's key.")),
    "cost_not_a_number": (_("This is no amount."), _("Write it like 1250.00, without a thousands separator.")),
    "cost_unusual": (_("A cost is not negative and not that large."), _("Correct it.")),
    "currency_missing": (_("The currency of the cost is missing."), _("Write its three letters, like EUR.")),
    "currency_unknown": (_("This is no currency."), _("Write its three letters, like EUR.")),
    "currency_alone": (_("There is a currency but no cost."), _("Fill in the cost, or empty the currency.")),
    "twice": (
        _("The same touchpoint is in row {more}."),
        _("Remove one of the two rows, or give them keys of their own."),
    ),
    "key_taken": (
        _("A touchpoint with this key says something else."),
        _("Touchpoints never change. Use another key for another touchpoint."),
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    row: int
    column: str
    value: str
    problem: str
    advice: str


def told(row: int, column: str, value: str, code: str, more: str = "") -> Told:
    """Return a problem in the reader's language."""
    return Told(row, column, value, problem(code, more), str(PROBLEMS[code][1]).format(more=more))


def problem(code: str, more: str = "") -> str:
    return str(PROBLEMS[code][0]).format(more=more)
