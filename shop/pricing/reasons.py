"""Why a price is what it is, in words."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from oscar.templatetags.currency_filters import currency as money

from shop.pricing.engine.ladders import Origin, Tier

_NAMED = {
    Origin.QUOTE: gettext_lazy("Quote %(name)s"),
    Origin.CONTRACT: gettext_lazy("Contract price %(name)s"),
    Origin.COMPANY_LIST: gettext_lazy("Price list “%(name)s” of your company"),
    Origin.GROUP_LIST: gettext_lazy("Price list “%(name)s” of your customer group"),
    Origin.CHANNEL_LIST: gettext_lazy("Price list “%(name)s”"),
}
_UNNAMED = {
    Origin.QUOTE: gettext_lazy("Agreed price"),
    Origin.CONTRACT: gettext_lazy("Contract price"),
    Origin.STOCK_RECORD: gettext_lazy("List price"),
}


@dataclass(frozen=True, slots=True)
class Component:
    """One row of how a price came about."""

    label: str
    text: str


def sentence(origin: Origin, name: str, tier: Tier, compared: int) -> str:
    """Name source, list or contract, tier and dates; `compared` above 1 is how many prices the lowest was taken from."""
    parts = [str(_NAMED[origin]) % {"name": name} if name else str(_UNNAMED[origin])]
    if tier.first > 1 and tier.last:
        parts.append(_("for %(first)d to %(last)d units") % {"first": tier.first, "last": tier.last})
    elif tier.first > 1:
        parts.append(_("from %(first)d units") % {"first": tier.first})
    elif tier.last:
        parts.append(ngettext("for %(last)d unit", "for up to %(last)d units", tier.last) % {"last": tier.last})
    if tier.valid_from:
        parts.append(_("since %(day)s") % {"day": date_format(tier.valid_from)})
    if tier.valid_to:
        parts.append(_("until %(day)s") % {"day": date_format(tier.valid_to - timedelta(days=1))})
    if compared > 1:
        parts.append(_("the lowest of %(compared)d prices") % {"compared": compared})
    return ", ".join(parts) + "."


def components(tier: Tier, currency: str, list_amount: Decimal | None) -> list[Component]:
    """Rows from the list price to the price; the one row of a list price says nothing, so it is left out."""
    rows = []
    if list_amount is not None and list_amount != tier.amount:
        rows.append(Component(_("List price"), money(list_amount, currency)))
    if tier.base is not None and tier.base != tier.amount:
        rows.append(Component(_("Price in the list it derives from"), money(tier.base, currency)))
        rows.append(Component(_("Adjustment"), money(tier.amount - tier.base, currency)))
    return [*rows, Component(_("Your price"), money(tier.amount, currency))] if rows else []
