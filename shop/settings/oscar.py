"""Oscar's settings: which apps are forked, and what the shop calls things."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from oscar.defaults import *  # noqa: F403
from oscar.defaults import OSCAR_DASHBOARD_NAVIGATION

# A fork replaces Oscar's app of the same label; its tables and migrations stay Oscar's (MIGRATION_MODULES).
OSCAR_APPS = [
    "oscar.config.Shop",
    "oscar.apps.analytics.apps.AnalyticsConfig",
    "shop.forks.checkout.apps.CheckoutConfig",
    "oscar.apps.address.apps.AddressConfig",
    "shop.forks.shipping.apps.ShippingConfig",
    "shop.forks.catalogue.apps.CatalogueConfig",
    "oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig",
    "oscar.apps.communication.apps.CommunicationConfig",
    "shop.forks.partner.apps.PartnerConfig",
    "shop.forks.basket.apps.BasketConfig",
    "oscar.apps.payment.apps.PaymentConfig",
    "shop.forks.offer.apps.OfferConfig",
    "shop.forks.order.apps.OrderConfig",
    "shop.forks.customer.apps.CustomerConfig",
    "shop.forks.search.apps.SearchConfig",
    "oscar.apps.voucher.apps.VoucherConfig",
    "oscar.apps.wishlists.apps.WishlistsConfig",
    "shop.forks.dashboard.apps.DashboardConfig",
    "shop.forks.dashboard.reports.apps.ReportsDashboardConfig",
    "oscar.apps.dashboard.users.apps.UsersDashboardConfig",
    "shop.forks.dashboard.orders.apps.OrdersDashboardConfig",
    "oscar.apps.dashboard.catalogue.apps.CatalogueDashboardConfig",
    "oscar.apps.dashboard.offers.apps.OffersDashboardConfig",
    "shop.forks.dashboard.partners.apps.PartnersDashboardConfig",
    "oscar.apps.dashboard.ranges.apps.RangesDashboardConfig",
    "oscar.apps.dashboard.reviews.apps.ReviewsDashboardConfig",
    "oscar.apps.dashboard.vouchers.apps.VouchersDashboardConfig",
    "oscar.apps.dashboard.communications.apps.CommunicationsDashboardConfig",
    "oscar.apps.dashboard.shipping.apps.ShippingDashboardConfig",
    "widget_tweaks",
    "treebeard",
    "sorl.thumbnail",
    "django_tables2",
]

MIGRATION_MODULES = {
    label: f"oscar.apps.{label}.migrations"
    for label in ("basket", "catalogue", "customer", "offer", "order", "partner", "shipping")
}

OSCAR_SHOP_NAME = "Nordlys Instruments"
OSCAR_SHOP_TAGLINE = _("Sensors, gateways and monitoring for industry")
OSCAR_DEFAULT_CURRENCY = "EUR"
OSCAR_HOMEPAGE = "/"
OSCAR_ACCOUNTS_REDIRECT_URL = "customer:summary"
OSCAR_ALLOW_ANON_CHECKOUT = False
OSCAR_ALLOW_ANON_REVIEWS = False
OSCAR_HIDDEN_FEATURES = ["reviews"]
OSCAR_SEND_REGISTRATION_EMAIL = True
OSCAR_PRODUCTS_PER_PAGE = 24
OSCAR_OFFERS_INCL_TAX = False
OSCAR_REQUIRED_ADDRESS_FIELDS = ("first_name", "last_name", "line1", "line4", "postcode", "country")
OSCAR_DELETE_IMAGE_FILES = False  # two images may share one drawn file
OSCAR_EAGER_ALERTS = False

OSCAR_INITIAL_ORDER_STATUS = "Received"
OSCAR_INITIAL_LINE_STATUS = "Received"
OSCAR_ORDER_STATUS_PIPELINE = {
    "Received": ("Invoiced", "Cancelled"),
    "Invoiced": ("Paid", "Cancelled"),
    "Paid": ("Shipped", "Refunded"),
    "Shipped": ("Refunded",),
    "Refunded": (),
    "Cancelled": (),
}

OSCAR_DASHBOARD_NAVIGATION = [
    *OSCAR_DASHBOARD_NAVIGATION,
    {"label": _("Content"), "icon": "fas fa-newspaper", "url_name": "wagtailadmin_home"},
]

LOGIN_URL = reverse_lazy("customer:login")
LOGIN_REDIRECT_URL = "/"
