"""Shopping lists: changed by POST alone, where Oscar's links change them on a GET; colleagues read what is shared."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oscar.apps.catalogue.models import Product
from oscar.apps.customer.wishlists import views

from shop.catalogue.unknown import KnownProduct, require_known
from shop.companies.selectors import lists_visible_to


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


class WishListListView(views.WishListListView):
    """The own lists, and those that colleagues share."""

    page_title = gettext_lazy("Shopping lists")

    def get_queryset(self):
        return super().get_queryset().annotate(line_count=Count("lines"))

    def get_context_data(self, **kwargs):
        shared = lists_visible_to(self.request.membership).exclude(owner=self.request.user)
        shared = (
            shared.select_related("owner").order_by("name", "pk").annotate(line_count=Count("lines", distinct=True))
        )
        return {**super().get_context_data(**kwargs), "shared_lists": shared}


class WishListDetailView(views.WishListDetailView):
    """A list: its owner changes it, the colleagues it is shared with read it."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_anonymous or request.user.wishlists.filter(key=kwargs["key"]).exists():
            return super().dispatch(request, *args, **kwargs)
        shared = get_object_or_404(lists_visible_to(request.membership).select_related("owner"), key=kwargs["key"])
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied(_("Only %(owner)s changes this list.") % {"owner": shared.owner.get_full_name()})
        lines = shared.lines.filter(product__isnull=False)
        context = {
            "wishlist_title": shared.name,
            "page_obj": Paginator(lines, settings.OSCAR_PRODUCTS_PER_PAGE).get_page(request.GET.get("page")),
        }
        return render(request, "oscar/wishlists/wishlist_detail.html", context)
