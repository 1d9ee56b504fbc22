"""Where the fake of Stripe has its page."""

from django.urls import path

from shop.payments.fake_stripe.views import OnboardingView

urlpatterns = [path("onboarding/<str:token>/", OnboardingView.as_view(), name="fake_stripe_onboarding")]
