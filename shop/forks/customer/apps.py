from django.contrib.auth.decorators import login_required
from django.urls import path
from oscar.apps.customer import apps

# Guests cannot order, so there is nothing for them to look up.
LEFT_OUT = {"anon-order", "anon-order-form"}


class CustomerConfig(apps.CustomerConfig):
    name = "shop.forks.customer"

    def get_urls(self):
        from shop.companies import views

        ours = [
            path("register/", views.RegistrationView.as_view(), name="register"),
            path("register/<str:token>/", views.ConfirmView.as_view(), name="registration-confirm"),
            path(
                "profile/email/<str:token>/",
                login_required(views.EmailChangeConfirmView.as_view()),
                name="email-change-confirm",
            ),
        ]
        theirs = [url for url in super().get_urls() if url.name not in LEFT_OUT]
        return ours + theirs
