from django.urls import path
from oscar.apps.search import apps
from oscar.core.application import OscarConfig


class SearchConfig(apps.SearchConfig):
    name = "shop.forks.search"

    def ready(self):
        """Without super(): Oscar's search view needs Haystack; ours reads the catalogue's index."""
        from shop.catalogue import views

        OscarConfig.ready(self)
        self.search_view = views.SearchView
        self.suggest_view = views.SuggestView

    def get_urls(self):
        return [
            *super().get_urls(),
            *self.post_process_urls([path("suggest/", self.suggest_view.as_view(), name="suggest")]),
        ]
