"""What offerings add to Oscar's basket and its lines; shop.forks.basket puts it together."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from oscar.apps.partner.strategy import UnavailablePrice
from oscar.core.utils import round_half_up_two_dec

from shop.offering import quantities
from shop.offering.configuration import PLAIN, Configuration
from shop.offering.engine.quantities import snap
from shop.offering.errors import NotOffered, QuantityRefused
from shop.offering.selectors import configuration


class OfferedPrices:
    def configured(self, price: Any, chosen: Configuration | None) -> Any:
        """Return the price of a unit with the surcharges of its configuration; none for what is not offered."""
        if chosen is None or not price.exists:
            return UnavailablePrice()
        if chosen.is_plain:
            return price
        if chosen.currency != price.currency:
            return UnavailablePrice()
        return type(price)(price.resolved, surcharge=chosen.surcharge)


class OfferedBasket:
    strategy: Any
    lines: Any
    all_lines: Callable[[], Any]
    # What was agreed on before, such as a renewal, keeps its quantity whatever the product's rule says today.
    has_quantity_rules = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Why what was added became another quantity; the view that added it says so.
        self.quantity_notes: list[str] = []

    def get_stock_info(self, product: Any, options: Any) -> Any:
        """Price the product as configured; raise NotOffered when this customer cannot have it so."""
        info = super().get_stock_info(product, options)  # type: ignore[misc]
        self._chosen = chosen = configuration(product, options, company_key=self.strategy.context.company_key)
        if chosen.is_plain or not info.price.exists:
            return info
        price = self.strategy.configured(info.price, chosen)
        if not price.exists:
            raise NotOffered(_("This product is not offered like that in %s.") % info.price.currency)
        return info._replace(price=price)

    def fit(self, line: Any, *, before: int) -> None:
        """Bring a line that was just filled up from `before` to a quantity that the product's rule allows, and note why."""
        rule = quantities.rule_of(line.product)
        others = self.lines.filter(product=line.product).exclude(pk=line.pk) if rule.maximum else None
        taken = sum(others.values_list("quantity", flat=True)) if others is not None else 0
        snapped = snap(line.quantity, rule, taken=taken)
        if snapped.reason is None:
            return
        if snapped.quantity <= before or not snapped.quantity:
            raise QuantityRefused(_("%s They are in your basket already.") % quantities.words(rule, snapped))
        self.quantity_notes.append(quantities.note(line.product.get_title(), line.quantity, rule, snapped))
        line.quantity = snapped.quantity
        line.save(update_fields=["quantity", "date_updated"])

    def _get_total(self, model_property: str) -> Decimal:
        """Sum up what has a price; what is no longer offered has none, says so on its line and cannot be ordered."""
        amounts = (getattr(line, model_property) for line in self.all_lines())
        return Decimal(
            round_half_up_two_dec(sum((amount for amount in amounts if amount is not None), Decimal("0.00")))
        )


class OfferedLine:
    product: Any
    # How it was configured, set when it is priced: None when it is no longer offered like that.
    configuration: Configuration | None = PLAIN
    # How many the last add_product added, and what the product's quantity rule made of the line.
    added = 0
    quantity_note = ""
    quantity_problem = ""

    @property
    def title(self) -> str:
        """The product's title with the choices that were made."""
        plain = self.product.get_title()
        return self.configuration.titled(plain) if self.configuration else plain
