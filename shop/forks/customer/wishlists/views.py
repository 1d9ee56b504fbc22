"""Shopping lists: changed by POST alone, where Oscar's links change them on a GET."""

from oscar.apps.customer.wishlists import views

from shop.catalogue.unknown import KnownProduct


class WishListAddProduct(KnownProduct, views.WishListAddProduct):
    def dispatch(self, request, *args, **kwargs):
        """Refuse before Oscar's dispatch makes a list for who has none."""
        if request.method != "POST":
            return self.http_method_not_allowed(request)
        return super().dispatch(request, *args, **kwargs)


class WishListCreateWithProductView(KnownProduct, views.WishListCreateWithProductView):
    pass


class WishListMoveProductToAnotherWishList(views.WishListMoveProductToAnotherWishList):
    http_method_names = ("post", "options")

    def post(self, request, *args, **kwargs):
        return views.WishListMoveProductToAnotherWishList.get(self, request, *args, **kwargs)
