"""Every address of the site. Content pages come last: Wagtail answers whatever nothing else claims."""

from django.apps import apps
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib.sitemaps.views import sitemap as django_sitemap
from django.templatetags.static import static
from django.urls import include, path, re_path
from django.utils.functional import lazy
from django.views.generic import RedirectView
from django.views.i18n import set_language
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps import Sitemap as WagtailSitemap
from wagtail.documents import urls as wagtaildocs_urls

from shop.catalogue.sitemaps import CatalogueSitemap, CategorySitemap
from shop.operations.styleguide import StyleGuideView


def app_urls(label: str) -> tuple:
    """Return the (patterns, namespace, instance) of an Oscar app by its label."""
    return apps.get_app_config(label).urls


handler404 = "shop.operations.missing.not_found"

ONE_LOGIN = RedirectView.as_view(pattern_name="customer:login", query_string=True)

urlpatterns = [
    # Everybody signs in through the shop's own login, which counts tries and asks for the second factor.
    path("admin/login/", ONE_LOGIN),
    path("dashboard/login/", ONE_LOGIN),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("language/", set_language, name="set_language"),
    # Browsers ask here wherever a page names no icon.
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("dist/favicon.svg"))),
    path(
        "sitemap.xml",
        django_sitemap,
        {"sitemaps": {"content": WagtailSitemap, "catalogue": CatalogueSitemap, "categories": CategorySitemap}},
    ),
    path("payments/", include("shop.payments.urls")),
    path("", include("channels.journeys.urls")),
]
if settings.SERVE_MEDIA:
    urlpatterns += [re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT})]
if settings.DEVELOPER_PAGES:
    urlpatterns += [
        path("styleguide/", StyleGuideView.as_view(), name="styleguide"),
    ]

if settings.STRIPE_HTTP_CLIENT == "shop.payments.fake_stripe.FakeStripe":
    urlpatterns += [path("fake-stripe/", include("shop.payments.fake_stripe.urls"))]

urlpatterns += i18n_patterns(
    path("catalogue/", app_urls("catalogue")),
    path("basket/", app_urls("basket")),
    path("checkout/", app_urls("checkout")),
    path("accounts/", app_urls("customer")),
    path("search/", app_urls("search")),
    path("dashboard/", app_urls("dashboard")),
    path("offers/", app_urls("offer")),
    path("wishlists/", app_urls("wishlists")),
    path("", include("shop.offering.urls")),
    path("", include("shop.accounts.urls")),
    path("partners/", include("channels.partners.urls")),
    path("portal/", include("channels.portal.urls")),
    path("_util/login/", ONE_LOGIN),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
