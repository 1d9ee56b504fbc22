from django.contrib.auth.decorators import login_required
from django.urls import path
from django.views.decorators.cache import never_cache
from oscar.apps.checkout import apps


class CheckoutConfig(apps.CheckoutConfig):
    """Our own flow under Oscar's namespace: how to buy, delivery, review, confirmation."""

    name = "shop.forks.checkout"

    def ready(self):
        """Load none of Oscar's checkout views: none is used."""

    def get_urls(self):
        from shop.buying.views import checkout, paying, review

        pages = [
            ("", checkout.IndexView, "index"),
            ("how-to-buy/", checkout.HowToBuyView, "how-to-buy"),
            ("delivery/", checkout.DeliveryView, "delivery"),
            ("review/", review.ReviewView, "preview"),
            ("pay/<uuid:key>/", paying.PayView, "pay"),
            ("paying/<uuid:key>/", paying.PayingView, "paying"),
            ("stop-paying/<uuid:key>/", paying.StopView, "stop-paying"),
            ("thank-you/<str:public_ref>/", review.ThankYouView, "thank-you"),
        ]
        return self.post_process_urls(
            [path(route, never_cache(login_required(view.as_view())), name=name) for route, view, name in pages]
        )

    def get_url_decorator(self, pattern):
        return None
