"""How an order can be paid, as the review page offers it."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from shop.buying.services.entitlement import methods_for
from shop.buying.wishes import Method
from shop.companies.models import Membership
from shop.payments.models import SavedMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One choice: a method, or a card or an account that the company has saved. `value` names it in forms."""

    value: str
    method: str
    title: str
    text: str
    saved: SavedMethod | None = None

    @property
    def is_new_card(self) -> bool:
        return self.method == Method.CARD and self.saved is None


def ways_for(membership: Membership) -> list[Way]:
    """Return what the person may choose from, the usual one first; nothing saved for whoever is in the buyer's place."""
    company = membership.company
    open_methods = methods_for(company, is_on_behalf=membership.on_behalf is not None)
    ways = []
    if Method.INVOICE in open_methods:
        days = (membership.location or company).terms_days
        text = _("Payable within %(days)d days; nothing is charged now.") % {"days": days}
        ways.append(Way(value=Method.INVOICE, method=Method.INVOICE, title=_("On invoice"), text=text))
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
        if method in open_methods
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
    """Return the way of this value; the first one while nothing was chosen, None for one that is not offered."""
    if not value:
        return ways[0] if ways else None
    return next((way for way in ways if way.value == value), None)
