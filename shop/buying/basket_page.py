"""What the basket page shows, read from an already priced basket: no query per line."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from oscar.templatetags.currency_filters import currency as money

from shop.forks.shipping.methods import FREE_FROM


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketRow:
    """One line as it is shown."""

    id: int
    product_id: int
    title: str
    sku: str
    href: str
    image_url: str
    options: str
    quantity: int
    most: int | None
    unit_price: Decimal | None
    net_before: Decimal | None
    net: Decimal | None
    stock_state: str
    stock_text: str
    problem: str
    note: str

    @property
    def id_text(self) -> str:
        return str(self.id)

    @property
    def is_discounted(self) -> bool:
        return self.net is not None and self.net != self.net_before


def rows(basket: Any, *, refused: Mapping[int, str] | None = None) -> list[BasketRow]:
    """Return the basket's lines; `refused` holds the reasons for quantities just refused, by line."""
    return [_row(line, (refused or {}).get(line.pk, "")) for line in basket.all_lines()]


def _row(line: Any, refused: str) -> BasketRow:
    info = line.purchase_info
    has_price = info.price.exists
    state, text = _stock(line, info.availability)
    return BasketRow(
        id=line.pk,
        product_id=line.product_id,
        title=line.product.get_title(),
        sku=line.stockrecord.partner_sku,
        href=line.product.get_absolute_url(),
        image_url=image_url(line.product),
        options=", ".join(f"{option.option.name}: {option.value}" for option in line.attributes.all()),
        quantity=line.quantity,
        most=getattr(info.availability, "num_available", None),
        unit_price=info.price.excl_tax if has_price else None,
        net_before=line.line_price_excl_tax if has_price else None,
        net=line.line_price_excl_tax_incl_discounts if has_price else None,
        stock_state=state,
        stock_text=text,
        problem=refused or _problem(line, info),
        note=_price_note(line, info) if has_price else "",
    )


def image_url(product: Any) -> str:
    images = list(product.images.all()) or (list(product.parent.images.all()) if product.parent_id else [])
    return images[0].original.url if images and images[0].original else ""


def _stock(line: Any, availability: Any) -> tuple[str, str]:
    if not line.product.get_product_class().track_stock:
        return "service", ""
    left = getattr(availability, "num_available", 0)
    if left <= 0:
        return "out", ""
    return ("low", _("Only %(left)d left") % {"left": left}) if left < 10 else ("in", "")


def _problem(line: Any, info: Any) -> str:
    if not line.product.is_public or not info.price.exists:
        return _("No longer available. Remove it to go on.")
    if info.availability.is_purchase_permitted(line.quantity)[0]:
        return ""
    left = getattr(info.availability, "num_available", 0)
    if left > 0:
        return _("Only %(left)d in stock. Lower the quantity to go on.") % {"left": left}
    return _("Sold out. Remove it to go on.")


def _price_note(line: Any, info: Any) -> str:
    """Tell about a price that changed since the line was added."""
    before, now = line.price_excl_tax, info.price.excl_tax
    if before is None or before == now:
        return ""
    values = {"before": money(before, line.price_currency), "now": money(now, info.price.currency)}
    if now > before:
        return _("The price rose from %(before)s to %(now)s since you added this.") % values
    return _("The price fell from %(before)s to %(now)s since you added this.") % values


def until_free_delivery(basket: Any) -> Decimal | None:
    """Return what is missing for free delivery; 0 when reached, None when nothing is shipped."""
    if not basket.is_shipping_required():
        return None
    return max(Decimal(0), FREE_FROM - basket.total_excl_tax)
