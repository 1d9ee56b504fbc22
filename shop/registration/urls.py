"""Pages of applicants and of those who let them in; the customer fork puts them under /accounts/."""

from django.urls import path

from shop.registration import views

in_account = [
    path("register/", views.RegistrationView.as_view(), name="register"),
    path("register/<str:token>/", views.ConfirmView.as_view(), name="registration-confirm"),
    path("application/", views.ApplicationView.as_view(), name="application"),
    path("join-requests/", views.JoinRequestListView.as_view(), name="join-requests"),
    path("join-requests/<int:pk>/", views.JoinRequestView.as_view(), name="join-request"),
]
