"""The calculator, the price as chosen, and the comparison."""

from django.urls import path

from shop.offering import views

app_name = "offering"
urlpatterns = [
    path("commitment/<int:pk>/", views.CommitmentView.as_view(), name="commitment"),
    path("as-chosen/<int:pk>/", views.AsChosenView.as_view(), name="as-chosen"),
    path("compare/", views.CompareView.as_view(), name="compare"),
    path("compare/change/", views.CompareChangeView.as_view(), name="compare-change"),
]
