"""Which offers may meet on one line, without a query per line."""

from oscar.apps.basket import utils
from oscar.core.loading import get_model

from .messages import BasketMessageGenerator

ConditionalOffer = get_model("offer", "ConditionalOffer")


class LineDiscountRegistry(utils.LineDiscountRegistry):
    def available(self, offer=None):
        """Return how many items of the line the offer may still use; 0 when another offer shuts it out."""
        if not isinstance(offer, ConditionalOffer):
            return super().available(offer)
        left = self._line.quantity
        for other in self.consumers:
            if other == offer:
                continue
            if offer.exclusive and other.exclusive and other.priority >= offer.priority:
                left -= self.num_consumed(other)
            elif offer.exclusive or other.exclusive or not may_combine(offer, other):
                return 0
        return max(0, left - self.num_consumed(offer))


def may_combine(offer, other):
    """Offers without any combination meet all others; those with some meet only these."""
    mine, theirs = combinations(offer), combinations(other)
    return not (mine or theirs) or offer.pk in theirs or other.pk in mine


def combinations(offer):
    """Return the pks the offer is combined with; the applicator has loaded them for all offers at once."""
    if not hasattr(offer, "combination_ids"):
        offer.combination_ids = frozenset(offer.combinations.values_list("pk", flat=True))
    return offer.combination_ids
