"""Putting a price list away, and making another one like it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.pricing.models import PriceList
from shop.pricing.services.lists import ListRefused, save_list, withdraw
from shop.pricing.services.prices import PriceRow, save_list_prices


@transaction.atomic
def archive(*, price_list: PriceList, at: datetime, by: Any = None) -> PriceList:
    """End a list today; its prices stay to be looked up. Raises ListRefused while another list takes prices from it.

    A list that has not begun is withdrawn from everybody, so that no day remembers it as having been in force.
    """
    today = timezone.localdate(at)
    heir = price_list.children.filter(Q(valid_to=None) | Q(valid_to__gt=today)).first()
    if heir is not None:
        raise ListRefused(_("“%s” takes prices from this list. Give it another parent first.") % heir.name)
    if price_list.valid_from is not None and price_list.valid_from >= today:
        for assignment in price_list.assignments.select_related("company", "group", "price_list"):
            withdraw(assignment=assignment, at=at, by=by)
        price_list.valid_from = None
    if price_list.valid_to is None or price_list.valid_to > today:
        price_list.valid_to = today
    return save_list(price_list=price_list, at=at, by=by)


@transaction.atomic
def copy(*, price_list: PriceList, code: str, name: str, at: datetime, by: Any = None) -> PriceList:
    """Make a list with the same terms and prices, for nobody yet. Raises ListRefused or Undercut."""
    terms = ("currency", "channel", "priority", "valid_from", "valid_to", "parent", "adjust_bp", "merge_allowed")
    made = PriceList(code=code, name=name, **{term: getattr(price_list, term) for term in terms})
    save_list(price_list=made, at=at, by=by)
    columns = ("product_id", "price", "min_quantity", "valid_from", "valid_to")
    rows = [PriceRow(**values) for values in price_list.entries.order_by().values(*columns).iterator()]
    save_list_prices(price_list=made, rows=rows, at=at, by=by, note=_("Copy of %s") % price_list.name)
    return made
