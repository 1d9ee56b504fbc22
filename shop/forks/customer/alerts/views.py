"""Stock alerts: a link in a mail may end one by its secret key; one's own is ended by POST."""

from oscar.apps.customer.alerts import views

from shop.catalogue.unknown import KnownProduct
from shop.forks.customer.redirects import safe_next


class ProductAlertCreateView(KnownProduct, views.ProductAlertCreateView):
    pass


class ProductAlertCancelView(views.ProductAlertCancelView):
    def dispatch(self, request, *args, **kwargs):
        if "pk" in kwargs and request.method != "POST":
            return self.http_method_not_allowed(request)
        return super().dispatch(request, *args, **kwargs)

    def get_redirect_url(self, *args, **kwargs):
        """Oscar's follows any address that `next` gives, of any host."""
        return safe_next(self.request, default=self.alert.product.get_absolute_url())
