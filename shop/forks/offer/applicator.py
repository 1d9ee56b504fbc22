"""Offers applied with a number of queries that does not grow with the lines of the basket."""

from decimal import Decimal as D

from django.db.models import Prefetch, prefetch_related_objects
from oscar.apps.offer import applicator
from oscar.core.loading import get_model

from shop.pricing.basket_guard import TillCheck, offers_to_refuse

from .membership import products_in_view


class Applicator(applicator.Applicator):
    def get_site_offers(self):
        return super().get_site_offers().select_related("condition__range", "benefit__range")

    def get_basket_offers(self, basket, user):
        """Load the vouchers' offers with all that applying them asks for; Oscar loads each row when it comes to it."""
        if basket.id and user:
            whole = get_model("offer", "ConditionalOffer").objects.select_related("condition__range", "benefit__range")
            prefetch_related_objects([basket], Prefetch("vouchers__offers", whole))
        return super().get_basket_offers(basket, user)

    def apply_offers(self, basket, offers):
        """Apply as Oscar does, without the offers that would undercut a channel partner here.

        Then let each offer's amount be the sum of what the lines lost to it.
        """
        load_combinations(offers)
        lines = basket.all_lines()
        basket.till = TillCheck()
        with products_in_view({line.product_id for line in lines}):
            super().apply_offers(basket, offers)
            while refused := offers_to_refuse(basket, basket.till):
                offers = [offer for offer in offers if offer not in refused]
                for line in lines:
                    line.clear_discount()
                super().apply_offers(basket, offers)
        for application in basket.offer_applications:
            if application["result"].affects_basket:
                given = [d.amount for line in lines for d in line.discounts if d.offer == application["offer"]]
                application["discount"] = sum(given, D("0.00"))


def load_combinations(offers):
    """Set `combination_ids` on each offer, for all in one query."""
    through = get_model("offer", "ConditionalOffer").combinations.through
    found = {offer.pk: set() for offer in offers}
    for left, right in (
        through.objects.filter(from_conditionaloffer__in=found).values_list(
            "from_conditionaloffer_id", "to_conditionaloffer_id"
        )
        if found
        else ()
    ):
        found[left].add(right)
    for offer in offers:
        offer.combination_ids = frozenset(found[offer.pk])
