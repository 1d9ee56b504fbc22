from django.urls import path

from channels.partners.views import DirectoryView, ProfileView

urlpatterns = [
    path("", DirectoryView.as_view(), name="partner_directory"),
    path("<slug:code>/", ProfileView.as_view(), name="partner_profile"),
]
