"""Oscar's settings: which apps are forked, and what the shop calls things."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from oscar.defaults import *

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
    "shop.forks.dashboard.catalogue.apps.CatalogueDashboardConfig",
    "shop.forks.dashboard.offers.apps.OffersDashboardConfig",
    "shop.forks.dashboard.partners.apps.PartnersDashboardConfig",
    "shop.forks.dashboard.ranges.apps.RangesDashboardConfig",
    "oscar.apps.dashboard.reviews.apps.ReviewsDashboardConfig",
    "shop.forks.dashboard.vouchers.apps.VouchersDashboardConfig",
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
# The status follows the goods. Payment is the invoice's state; Refunded and Cancelled come of a take-back.
OSCAR_ORDER_STATUS_PIPELINE = {
    "Received": ("In progress", "Shipped", "Cancelled", "Refunded"),
    "In progress": ("Shipped", "Cancelled", "Refunded"),
    "Shipped": ("Complete", "Refunded"),
    "Complete": ("Refunded",),
    "Refunded": (),
    "Cancelled": (),
}
OSCAR_MONEY_STATUSES = ("Cancelled", "Refunded")


def _item(label: object, url_name: str) -> dict[str, object]:
    return {"label": label, "url_name": url_name}


# Oscar's own menu without its flat pages and reviews, and with its "partners" under the name they have here.
OSCAR_DASHBOARD_NAVIGATION = [
    {"label": _("Dashboard"), "icon": "fas fa-list", "url_name": "dashboard:index"},
    {
        "label": _("Catalogue"),
        "icon": "fas fa-sitemap",
        "children": [
            _item(_("Products"), "dashboard:catalogue-product-list"),
            _item(_("Product types"), "dashboard:catalogue-class-list"),
            _item(_("Categories"), "dashboard:catalogue-category-list"),
            _item(_("Ranges"), "dashboard:range-list"),
            _item(_("Low stock alerts"), "dashboard:stock-alert-list"),
            _item(_("Options"), "dashboard:catalogue-option-list"),
            _item(_("Attribute option groups"), "dashboard:catalogue-attribute-option-group-list"),
        ],
    },
    {
        "label": _("Fulfilment"),
        "icon": "fas fa-shopping-cart",
        "children": [
            _item(_("Orders"), "dashboard:order-list"),
            _item(_("Statistics"), "dashboard:order-stats"),
            _item(_("Suppliers"), "dashboard:partner-list"),
        ],
    },
    {
        "label": _("Customers"),
        "icon": "fas fa-users",
        "children": [
            _item(_("Customers"), "dashboard:users-index"),
            _item(_("Stock alert requests"), "dashboard:user-alert-list"),
        ],
    },
    {
        "label": _("Offers"),
        "icon": "fas fa-bullhorn",
        "children": [
            _item(_("Offers"), "dashboard:offer-list"),
            _item(_("Vouchers"), "dashboard:voucher-list"),
            _item(_("Voucher sets"), "dashboard:voucher-set-list"),
        ],
    },
    {"label": _("E-mail templates"), "icon": "fas fa-envelope", "url_name": "dashboard:comms-list"},
    {"label": _("Reports"), "icon": "fas fa-chart-bar", "url_name": "dashboard:reports-index"},
]

LOGIN_URL = reverse_lazy("customer:login")
LOGIN_REDIRECT_URL = "/"
