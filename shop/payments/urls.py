"""The webhook, and the company's payment methods; `in_account` stands in Oscar's namespace `customer`, under /accounts/."""

from django.urls import path

from shop.payments import pages
from shop.payments.webhook import StripeWebhookView

urlpatterns = [path("stripe/webhook/", StripeWebhookView.as_view(), name="stripe_webhook")]

in_account = [
    path("payment-methods/", pages.MethodsPage.as_view(), name="payment-methods"),
    path("payment-methods/back/", pages.MethodBackView.as_view(), name="payment-method-back"),
    path("payment-methods/<int:pk>/", pages.MethodActView.as_view(), name="payment-method"),
]
