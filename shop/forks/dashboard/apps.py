from django.apps import apps as registry
from django.urls import include, path
from django.views.generic import RedirectView
from oscar.apps.dashboard import apps
from oscar.core.loading import get_class


class DashboardConfig(apps.DashboardConfig):
    name = "shop.forks.dashboard"

    # Oscar's own ready() and get_urls() also want the flat pages app, which Wagtail replaces here, and a second login.
    SECTIONS = {
        "catalogue": "catalogue_dashboard",
        "reports": "reports_dashboard",
        "orders": "orders_dashboard",
        "users": "users_dashboard",
        "partners": "partners_dashboard",
        "offers": "offers_dashboard",
        "ranges": "ranges_dashboard",
        "reviews": "reviews_dashboard",
        "vouchers": "vouchers_dashboard",
        "comms": "communications_dashboard",
        "shipping": "shipping_dashboard",
    }

    def ready(self):
        self.index_view = get_class("dashboard.views", "IndexView")
        self.configure_permissions()

    def get_urls(self):
        from django.contrib.auth.views import LogoutView  # needs the user model, which is not there at import

        urls = [
            path("", self.index_view.as_view(), name="index"),
            path("login/", RedirectView.as_view(pattern_name="customer:login", query_string=True), name="login"),
            path("logout/", LogoutView.as_view(next_page="/"), name="logout"),
        ]
        for prefix, label in self.SECTIONS.items():
            urls.append(path(f"{prefix}/", include(registry.get_app_config(label).urls[0])))
        return self.post_process_urls(urls)
