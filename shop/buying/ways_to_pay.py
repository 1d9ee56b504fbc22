"""How an order can be paid, as the review page offers it."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from shop.buying.services.entitlement import methods_for
from shop.buying.wishes import Method
from shop.companies.models import Membership
from shop.credit.selectors import ZERO, Standing
from shop.payments import gateway
from shop.payments.models import SavedMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One choice: a method, or a card or an account that the company has saved. `value` names it in forms."""

    value: str
    method: str
    title: str
    text: str
    saved: SavedMethod | None = None
    is_open: bool = True

    @property
    def is_new_card(self) -> bool:
        return self.method == Method.CARD and self.saved is None


def ways_for(membership: Membership, *, credit: Standing | None = None, total: Decimal = ZERO) -> list[Way]:
    """Return what the person may choose from, the usual one first; nothing saved for whoever is in the buyer's place.

    An invoice that the company's `credit` does not cover is shown closed, with the reason.
    """
    company = membership.company
    open_methods = methods_for(company, is_on_behalf=membership.on_behalf is not None)
    ways = []
    if Method.INVOICE in open_methods:
        days = (membership.location or company).terms_days
        is_covered = credit is None or credit.allows(total)
        text = (
            _("Payable within %(days)d days; nothing is charged now.") % {"days": days}
            if is_covered
            else _("Your company's credit does not cover this order: pay open invoices, or choose another way.")
        )
        ways.append(
            Way(value=Method.INVOICE, method=Method.INVOICE, title=_("On invoice"), text=text, is_open=is_covered)
        )
    ways += [
        Way(value=f"saved-{saved.pk}", method=saved.kind, title=str(saved), text=_text_of(saved), saved=saved)
        for saved in saved_methods_of(membership)
        if saved.kind in open_methods
    ]
    new = {
        Method.CARD: (_("Card"), _("You are charged when you place the order. Your bank may ask you to confirm it.")),
        Method.BANK_DEBIT: (
            _("Bank debit"),
            _("Your bank pays within some days. We start at once, and ship when the money has arrived."),
        ),
    }
    return ways + [
        Way(value=method, method=method, title=title, text=text)
        for method, (title, text) in new.items()
        if method in open_methods and gateway.takes_payments()
    ]


def saved_methods_of(membership: Membership) -> list[SavedMethod]:
    """Return the company's cards and accounts that may be used at the person's location."""
    here = Q(location=None) | Q(location=membership.location_id)
    return list(SavedMethod.objects.filter(here, company=membership.company_id, is_active=True))


def _text_of(saved: SavedMethod) -> str:
    if saved.kind == SavedMethod.Kind.BANK_DEBIT:
        return _("Bank debit; we ship when the money has arrived.")
    if saved.expires_on is None:
        return ""
    return _("Expires %(month)s.") % {"month": saved.expires_on.strftime("%m/%Y")}


def chosen(ways: list[Way], value: str) -> Way | None:
    """Return the way of this value; the first open one while nothing was chosen, None for one that is not offered."""
    if not value:
        return next((way for way in ways if way.is_open), None)
    return next((way for way in ways if way.value == value), None)
