"""The buyers' subscriptions; `in_account` stands in Oscar's namespace `customer`, under /accounts/."""

from django.urls import path

from shop.subscriptions.pages import acts, listing, paying

in_account = [
    path("subscriptions/", listing.SubscriptionsPage.as_view(), name="subscriptions"),
    path("subscriptions/common-date/", acts.AlignPage.as_view(), name="subscriptions-align"),
    path("subscriptions/<int:pk>/", listing.SubscriptionPage.as_view(), name="subscription"),
    path("subscriptions/<int:pk>/review/", acts.ReviewView.as_view(), name="subscription-review"),
    path("subscriptions/<int:pk>/change/", acts.ChangePage.as_view(), name="subscription-change"),
    path("subscriptions/<int:pk>/cancel/", acts.CancelPage.as_view(), name="subscription-cancel"),
    path("subscriptions/<int:pk>/method/", paying.MethodView.as_view(), name="subscription-method"),
    path("subscriptions/<int:pk>/pay/", paying.PayPage.as_view(), name="subscription-pay"),
    path("subscriptions/<int:pk>/paid/", paying.PaidPage.as_view(), name="subscription-paid"),
]
