from django.urls import path
from oscar.apps.basket import apps

# Saved baskets become shopping lists of the company; codes have their own view.
REPLACED = {"summary", "vouchers-add", "vouchers-remove", "saved"}


class BasketConfig(apps.BasketConfig):
    name = "shop.forks.basket"

    def get_urls(self):
        from shop.buying.views import basket

        theirs = [url for url in super().get_urls() if url.name not in REPLACED]
        return [
            path("", basket.BasketPage.as_view(http_method_names=["get", "head"]), name="summary"),
            path("lines/<int:pk>/", basket.LineView.as_view(), name="line"),
            path("undo/", basket.UndoView.as_view(), name="undo"),
            path("code/", basket.VoucherView.as_view(), name="voucher"),
            *theirs,
        ]
