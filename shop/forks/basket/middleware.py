"""The basket of a request: loaded only when used, created only when filled, merged once after signing in."""

from django.db import transaction
from oscar.apps.basket import middleware
from oscar.core.loading import get_model

Basket = get_model("basket", "Basket")


class BasketMiddleware(middleware.BasketMiddleware):
    def get_basket(self, request):
        """Return the open basket without writing: Oscar's creates an empty row on each visitor's first page.

        The one write left is the merge of a cookie's basket, on the first request after signing in.
        """
        user = request.user
        if request._basket_cache is not None or not user.is_authenticated:
            return super().get_basket(request)
        has_cookie = self.get_cookie_key(request) in request.COOKIES
        if has_cookie or Basket.open.filter(owner=user).count() > 1:
            request.basket_is_merged = True
            with transaction.atomic():
                return super().get_basket(request)
        request._basket_cache = Basket.open.filter(owner=user).first() or Basket(owner=user)
        request._basket_cache.owner = user
        return request._basket_cache

    def apply_offers_to_basket(self, request, basket):
        """Leave the offers to views that change the basket or price it themselves: they apply once, at the end.

        Before that, the one moment at which the basket is loaded and has its prices: tell about others than before.
        """
        from shop.buying.services import repricing

        repricing.tell(request, basket=basket, is_merged=getattr(request, "basket_is_merged", False))
        if not getattr(request, "basket_offers_later", False):
            super().apply_offers_to_basket(request, basket)
