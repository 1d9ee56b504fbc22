"""Addresses without a language prefix: printed links must stay short and stay the same."""

from django.urls import path, re_path

from channels.journeys.views import ConsentView, PartnerLinkView

urlpatterns = [
    re_path(r"^r/(?P<code>[^/]{1,80})/?$", PartnerLinkView.as_view(), name="partner_link"),
    path("consent/", ConsentView.as_view(), name="consent"),
]
