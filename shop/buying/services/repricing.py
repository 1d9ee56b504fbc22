"""A basket meets other prices: somebody signed in, or acts for another company from now on."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from oscar.templatetags.currency_filters import currency as money

from shop.forks.basket.models import Line

SESSION_KEY = "basket_priced_for"
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Repriced:
    """A line whose unit costs something else than when it was added, or than for whom the buyer acted before."""

    title: str
    before: Decimal
    now: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.title}: {money(self.before, self.currency)} → {money(self.now, self.currency)}"


@transaction.atomic
def reprice(*, basket: Any) -> list[Repriced]:
    """Let the lines remember the prices of the moment, and return those that changed. `basket` has its strategy."""
    if basket.pk is None or not basket.can_be_edited:
        return []
    changed, lines = [], []
    for line in basket.all_lines():
        price, before = line.purchase_info.price, line.price_excl_tax
        if not price.exists or before is None or before == price.excl_tax:
            continue
        changed.append(Repriced(line.product.get_title(), before, price.excl_tax, price.currency))
        line.price_excl_tax = line.price_incl_tax = price.excl_tax
        line.price_currency = price.currency
        lines.append(line)
    Line.objects.bulk_update(lines, ("price_excl_tax", "price_incl_tax", "price_currency"))
    return changed


def tell(request: HttpRequest, *, basket: Any, is_merged: bool) -> None:
    """Once after a change of company, or when a visitor's basket became a buyer's: reprice, and name what changed.

    Without either, a price that moved since is told beside its line.
    """
    company_key, before = getattr(request, "company_key", ""), request.session.get(SESSION_KEY)
    if company_key == (before or ""):
        return
    request.session[SESSION_KEY] = company_key
    changed = reprice(basket=basket) if before is not None or is_merged else []
    if changed:
        messages.info(request, _message(request, changed))


def _message(request: HttpRequest, changed: list[Repriced]) -> str:
    company = getattr(request, "company", None)
    named = "; ".join(str(line) for line in changed[:SHOWN])
    if (more := len(changed) - SHOWN) > 0:
        named += " " + ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}
    if company:
        return _("Prices of %(company)s now apply to your basket. %(lines)s.") % {"company": company, "lines": named}
    return _("Other prices now apply to your basket. %(lines)s.") % {"lines": named}
