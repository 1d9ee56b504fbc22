from django.apps import apps as registry
from oscar.apps.catalogue import apps
from oscar.core.application import OscarConfig
from oscar.core.loading import get_class


class CatalogueConfig(apps.CatalogueConfig):
    name = "shop.forks.catalogue"

    def ready(self):
        """Without super(): Oscar's own ready() imports its search views and Haystack with them."""
        from oscar.apps.catalogue import receivers

        from shop.catalogue import views

        OscarConfig.ready(self)
        self.reviews_app = registry.get_app_config("reviews")
        self.detail_view = views.ProductView
        self.catalogue_view = views.CatalogueView
        self.category_view = views.CategoryView
        self.range_view = get_class("offer.views", "RangeDetailView")
