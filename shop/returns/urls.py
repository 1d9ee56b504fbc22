"""The buyers' returns; `in_account` stands in Oscar's namespace `customer`, under /accounts/."""

from django.urls import path

from shop.returns import pages

in_account = [
    path("orders/<str:order_number>/return/", pages.AskPage.as_view(), name="order-return"),
    path("returns/", pages.ReturnsPage.as_view(), name="returns"),
    path("returns/<str:reference>/", pages.ReturnPage.as_view(), name="return"),
    path("returns/<str:reference>/cancel/", pages.CancelView.as_view(), name="return-cancel"),
    path("returns/<str:reference>/slip/", pages.SlipView.as_view(), name="return-slip"),
    path("returns/<str:reference>/documents/<int:pk>/", pages.DocumentView.as_view(), name="return-document"),
]
