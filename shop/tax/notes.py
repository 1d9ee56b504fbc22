"""What a treatment is called, for buyers and on their papers."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.tax.engine import sales
from shop.tax.engine.sales import Treatment

NOTES: dict[str, str | Promise] = {
    sales.REVERSE_CHARGE: gettext_lazy("Reverse charge: you account for VAT in your country."),
    sales.INTRA_EU: gettext_lazy("No VAT: intra-Community supply. You account for VAT in your country."),
    sales.EXPORT: gettext_lazy("No VAT: export of goods. You account for VAT in your country."),
    sales.EXEMPT: gettext_lazy("No VAT: exempt by your certificate."),
}


def note_of(treatments: Iterable[tuple[str, str, Decimal]]) -> str:
    """Say in one or two sentences how (reason, country, rate) of some lines come about, each reason once."""
    said = dict.fromkeys(_sentence(*found) for found in treatments)
    return " ".join(said)


def note_on(treatments: Iterable[Treatment]) -> str:
    return note_of((found.reason, found.country, found.rate) for found in treatments)


def note_on_order(order: Any) -> str:
    """Say it of an order, from its record; '' for orders of before there was one."""
    record = getattr(order, "tax", None)
    return note_of(record.lines.values_list("reason", "country", "rate")) if record else ""


def _sentence(reason: str, country: str, rate: Decimal) -> str:
    if reason in NOTES:
        return str(NOTES[reason])
    if country == "NO":
        return _("Norwegian VAT")
    return _("VAT of %(country)s") % {"country": country}
