"""Prices and stock as Oscar asks for them, answered by the shop's own price resolver."""

from decimal import Decimal as D

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from oscar.apps.partner import strategy

from shop.catalogue.visibility import hidden_from
from shop.forks.partner.taxes import FixedRateTax  # Oscar looks for it here
from shop.offering.lines import OfferedPrices
from shop.offering.selectors import configure_lines
from shop.pricing import contexts
from shop.pricing.gates import closed_to
from shop.pricing.resolver import PriceQuestion, resolve_prices

Unavailable = strategy.UnavailablePrice


class ResolvedFixedPrice(strategy.FixedPrice):
    """A net price that knows where it came from: `resolved`, and the surcharge of options on top of it.

    Tax is zero here; the checkout adds VAT per line.
    """

    def __init__(self, resolved, *, surcharge=D("0.00")):
        super().__init__(currency=resolved.currency, excl_tax=resolved.amount + surcharge, tax=D("0.00"))
        self.resolved = resolved
        self.surcharge = surcharge


class SignInFirst(strategy.Unavailable):
    """Prices are for customers only."""

    message = _("Sign in with your company's account to see prices and to order.")


class NetPrices(OfferedPrices, strategy.UseFirstStockRecord, strategy.StockRequired, strategy.Structured):
    """Net business prices from the resolver, for one company."""

    def __init__(self, request=None, *, context=None):
        super().__init__(request)
        self.context = context or contexts.of_request(request)
        # Net unit prices by line, options included: what a running contract says counts, whatever else there is.
        self.agreed = {}

    @cached_property
    def hidden(self):
        """What this company may not know of; whoever places an order sets what holds at that moment."""
        return hidden_from(self.context.company_key)

    def sees(self, product):
        return not self.hidden.has_product(product.parent_id or product.pk)

    def pricing_policy(self, product, stockrecord):
        if not self.sees(product):
            return Unavailable()
        question = PriceQuestion(key=product.pk, product=product, stockrecord=stockrecord)
        return self._policy(resolve_prices(context=self.context, questions=[question]).get(product.pk))

    def parent_pricing_policy(self, product, children_stock):
        sold = next((pair for pair in children_stock if pair[1] is not None), None)
        return self.pricing_policy(*sold) if sold else Unavailable()

    def fetch_for_line(self, line, stockrecord=None):
        return self.fetch_for_lines([line])[line.pk]

    def fetch_for_lines(self, lines):
        """Return the PurchaseInfo of each line by its pk, priced in one go for the quantities in the basket.

        A line keeps the stock record it was added with, so that it is sold as it was shown.
        """
        questions = [
            PriceQuestion(
                key=line.pk,
                product=line.product,
                stockrecord=line.stockrecord,
                quantity=line.quantity,
                agreed=self.agreed.get(line.pk),
            )
            for line in lines
        ]
        answers = resolve_prices(context=self.context, questions=questions)
        configure_lines(lines, company_key=self.context.company_key)
        return {
            line.pk: strategy.PurchaseInfo(
                price=self.line_price(line, answers.get(line.pk)) if self.sees(line.product) else Unavailable(),
                availability=self.line_availability(line),
                stockrecord=line.stockrecord,
            )
            for line in lines
        }

    def line_price(self, line, resolved):
        price = self._policy(resolved)
        return price if line.pk in self.agreed else self.configured(price, line.configuration)

    def line_availability(self, line):
        if line.configuration is None or not line.product.is_public:
            return strategy.Unavailable()
        return self.availability_policy(line.product, line.stockrecord)

    def availability_policy(self, product, stockrecord):
        """What has no price for this visitor, or is hidden from it, cannot go into a basket either."""
        if not self.sees(product):
            return strategy.Unavailable()
        if not self.context.sees_prices or product.pk in closed_to(self.context):
            return SignInFirst()
        return super().availability_policy(product, stockrecord)

    def _policy(self, resolved):
        return ResolvedFixedPrice(resolved) if resolved else Unavailable()


class Selector:
    """Oscar's way in; a `context` is for work without a request, such as renewals."""

    def strategy(self, request=None, user=None, *, context=None, **kwargs):
        return NetPrices(request, context=context)
