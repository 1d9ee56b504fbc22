"""What is wrong with a file of prices, and what to do about it, in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# code -> (what is wrong, what to do); {more} is what the code is about
PROBLEMS: dict[str, tuple[str | Promise, str | Promise]] = {
    "empty": (_("The file is empty."), _("Download the template and fill it in.")),
    "too_large": (_("The file is larger than {more} MB."), _("Split it into several files.")),
    "not_text": (_("The file is neither a table nor text."), _("Save it as CSV (UTF-8) or as XLSX.")),
    "old_workbook": (_("This is a workbook of the old kind (.xls)."), _("Save it as XLSX.")),
    "broken_workbook": (_("The workbook is damaged."), _("Open it, save it as XLSX again, or save it as CSV.")),
    "unpacks_too_large": (_("The workbook unpacks to more than {more} MB."), _("Keep one sheet, or save it as CSV.")),
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
    "not_a_price": (_("This is no price."), _("Write it without thousands separator and currency: {more}")),
    "too_many_decimals": (
        _("The currency has fewer decimals, or this is a thousands separator."),
        _("Write {more}, or the number without a separator."),
    ),
    "unusual_price": (_("A price is not below zero and not that large."), _("Write a price from 0 to {more}.")),
    "not_a_quantity": (_("This is no quantity."), _("Write a whole number from 1 to {more}, or leave it empty for 1.")),
    "other_currency": (_("The list has another currency."), _("Write {more}, or choose a list in this currency.")),
    "not_a_day": (_("This is no date."), _("Write it like {more}.")),
    "ends_before": (_("The price ends before it begins."), _("Write a day after {more}, or none.")),
    "unknown_sku": (_("No product has this SKU."), _("Correct it, or add the product first.")),
    "unknown_sku_like": (_("No product has this SKU."), _("Write {more}.")),
    "ambiguous_sku": (_("Several products have this SKU."), _("Give the products SKUs of their own.")),
    "twice": (_("Row {more} means the same price."), _("Remove one of the two rows.")),
    "overlaps": (
        _("Another price of this product and quantity holds on the same days."),
        _("End the earlier one on {more}: a row with its first day and this last day does it."),
    ),
    "undercuts": (
        _("This undercuts a partner, whose price and margin come to {more}."),
        _("Raise the price, or ask for an override in the channel desk under Undercuts, and check again."),
    ),
    "below_advertised": (
        _("This is below the minimum advertised price of {more}."),
        _("Raise the price, or ask for an override in the channel desk under Undercuts, and check again."),
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A problem in the reader's language."""

    row: int
    column: str
    value: str
    problem: str
    fix: str


def told(row: int, column: str, value: str, code: str, more: str = "") -> Told:
    what, fix = (str(text).format(more=more) for text in PROBLEMS[code])
    return Told(row, column, value, what, fix)
