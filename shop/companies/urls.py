"""The company's pages; `in_account` stands in Oscar's namespace `customer`, under /accounts/."""

from django.urls import path

from shop.companies.pages import joining, overview, partners, people, places, roles

in_account = [
    path("company/", overview.OverviewPage.as_view(), name="company"),
    path("company/people/", people.PeoplePage.as_view(), name="company-people"),
    path("company/people/<int:pk>/", people.PersonView.as_view(), name="company-person"),
    path("company/people/<int:pk>/leave/", people.PersonLeaveView.as_view(), name="company-person-leave"),
    path("company/invitations/<int:pk>/", people.InvitationActView.as_view(), name="company-invitation"),
    path("company/roles/", roles.RolesPage.as_view(), name="company-roles"),
    path("company/roles/new/", roles.RoleView.as_view(), name="company-role-new"),
    path("company/roles/<slug:code>/", roles.RoleView.as_view(), name="company-role"),
    path("company/locations/", places.LocationsPage.as_view(), name="company-locations"),
    path("company/locations/new/", places.LocationView.as_view(), name="company-location-new"),
    path("company/locations/<int:pk>/", places.LocationView.as_view(), name="company-location"),
    path("company/cost-centres/", places.CostCentresPage.as_view(), name="company-cost-centres"),
    path("company/cost-centres/<int:pk>/", places.CostCentreView.as_view(), name="company-cost-centre"),
    path("company/details/", places.DetailsPage.as_view(), name="company-details"),
    path("company/partners/", partners.PartnersPage.as_view(), name="company-partners"),
    path("company/partners/<slug:code>/", partners.SharingView.as_view(), name="company-sharing"),
    path("company/switch/<int:pk>/", overview.SwitchView.as_view(), name="company-switch"),
    path("invitation/<str:token>/", joining.InvitationView.as_view(), name="invitation"),
    path("on-behalf/", overview.OnBehalfStartView.as_view(), name="on-behalf"),
    path("on-behalf/stop/", overview.OnBehalfStopView.as_view(), name="on-behalf-stop"),
]
