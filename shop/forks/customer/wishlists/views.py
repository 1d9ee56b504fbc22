"""Shopping lists: changed by POST alone, where Oscar's links change them on a GET."""

from django.shortcuts import get_object_or_404
from oscar.apps.catalogue.models import Product
from oscar.apps.customer.wishlists import views

from shop.catalogue.unknown import KnownProduct, require_known


class WishListAddProduct(KnownProduct, views.WishListAddProduct):
    def dispatch(self, request, *args, **kwargs):
        """Refuse before Oscar's dispatch makes a list for who has none."""
        if request.method != "POST":
            return self.http_method_not_allowed(request)
        return super().dispatch(request, *args, **kwargs)


class WishListCreateView(views.WishListCreateView):
    def dispatch(self, request, *args, **kwargs):
        """A list may be made with a first product; where there is none, Oscar leads to an address that does not exist."""
        if "product_pk" in kwargs:
            get_object_or_404(Product, pk=kwargs["product_pk"])
            require_known(request, kwargs["product_pk"])
        return super().dispatch(request, *args, **kwargs)


class WishListMoveProductToAnotherWishList(views.WishListMoveProductToAnotherWishList):
    http_method_names = ("post", "options")

    def post(self, request, *args, **kwargs):
        return views.WishListMoveProductToAnotherWishList.get(self, request, *args, **kwargs)
