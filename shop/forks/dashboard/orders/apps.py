from django.urls import path
from oscar.apps.dashboard.orders import apps
from oscar.core.loading import get_class


class OrdersDashboardConfig(apps.OrdersDashboardConfig):
    name = "shop.forks.dashboard.orders"

    def ready(self):
        super().ready()
        self.mark_paid_view = get_class("dashboard.orders.views", "MarkPaidView")
        from shop.fulfilment.views import DeliveredView, ShipView

        self.delivered_view, self.ship_view = DeliveredView, ShipView
        self.take_back_view = get_class("dashboard.orders.views", "TakeBackView")

    def configure_permissions(self):
        """Staff only: Oscar also lets a supplier's users in, and shows them whole orders with the buyer's e-mail."""
        super().configure_permissions()
        self.permissions_map = {
            name: sets[0] if isinstance(sets, tuple) else sets for name, sets in self.permissions_map.items()
        }
        self.permissions_map["order-shipping-address"] = ["order.view_order", "order.change_order"]
        self.permissions_map["order-mark-paid"] = ["order.view_order", "shop_billing.mark_invoice_paid"]
        self.permissions_map["order-delivered"] = ["order.view_order", "order.change_order"]
        self.permissions_map["order-ship"] = self.permissions_map["order-shipment-delivered"] = [
            "order.view_order",
            "shop_fulfilment.add_shipment",
        ]
        self.permissions_map["order-take-back"] = ["order.view_order", "shop_returns.take_back_order"]

    def get_urls(self):
        urls = [
            path("<str:number>/paid/", self.mark_paid_view.as_view(), name="order-mark-paid"),
            path("<str:number>/delivered/", self.delivered_view.as_view(), name="order-delivered"),
            path("<str:number>/ship/", self.ship_view.as_view(), name="order-ship"),
            path(
                "<str:number>/shipments/<int:shipment>/delivered/",
                self.delivered_view.as_view(),
                name="order-shipment-delivered",
            ),
            path("<str:number>/take-back/", self.take_back_view.as_view(), name="order-take-back"),
        ]
        return super().get_urls() + self.post_process_urls(urls)
