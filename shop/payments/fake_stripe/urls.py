"""Where the fake of Stripe has its pages."""

from django.urls import path

from shop.payments.fake_stripe.onboarding import OnboardingView
from shop.payments.fake_stripe.paying import PayView

urlpatterns = [
    path("onboarding/<str:token>/", OnboardingView.as_view(), name="fake_stripe_onboarding"),
    path("pay/<str:client_secret>/", PayView.as_view(), name="fake_stripe_pay"),
]
