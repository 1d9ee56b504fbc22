"""Addresses of signing in beside Oscar's: `in_account` stands in Oscar's namespace `customer`, under /accounts/."""

from django.contrib.auth import views as auth_views
from django.urls import path
from oscar.views.decorators import login_forbidden

from shop.accounts.views import email_changes, password_reset, second_factor

in_account = [
    path("profile/email/<str:token>/", email_changes.ConfirmView.as_view(), name="email-change-confirm"),
    path("profile/email-back/<str:token>/", email_changes.UndoView.as_view(), name="email-change-undo"),
    path("second-factor/", second_factor.SecondFactorView.as_view(), name="second-factor"),
    path("second-factor/set-up/", second_factor.SetUpView.as_view(), name="second-factor-set-up"),
    path("second-factor/enter/", second_factor.EnterView.as_view(), name="second-factor-enter"),
]

# Django's own pages name one another, so they stand in no namespace.
urlpatterns = [
    path("password-reset/", login_forbidden(password_reset.PasswordResetView.as_view()), name="password-reset"),
    path(
        "password-reset/done/",
        login_forbidden(
            auth_views.PasswordResetDoneView.as_view(template_name="oscar/registration/password_reset_done.html")
        ),
        name="password-reset-done",
    ),
    path(
        "password-reset/confirm/<str:uidb64>/<str:token>/",
        login_forbidden(password_reset.PasswordResetConfirmView.as_view()),
        name="password-reset-confirm",
    ),
    path(
        "password-reset/complete/",
        login_forbidden(
            auth_views.PasswordResetCompleteView.as_view(
                template_name="oscar/registration/password_reset_complete.html"
            )
        ),
        name="password-reset-complete",
    ),
]
