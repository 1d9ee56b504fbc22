"""Addresses of programmes, simulations and consultations, below the desk."""

from django.urls import path

from channels.desk.views import consultations, programmes, rules, simulations

urlpatterns = [
    path("programmes/", programmes.ProgrammeList.as_view(), name="desk_programmes"),
    path("programmes/new/", programmes.ProgrammeCreate.as_view(), name="desk_programme_new"),
    path("programmes/<slug:code>/draft/", programmes.ProgrammeDraft.as_view(), name="desk_programme_draft"),
    path("programmes/versions/<int:pk>/", programmes.VersionDetail.as_view(), name="desk_programme_version"),
    path("programmes/versions/<int:pk>/edit/", programmes.GeneralEdit.as_view(), name="desk_programme_edit"),
    path("programmes/versions/<int:pk>/publish/", programmes.ProgrammePublish.as_view(), name="desk_programme_publish"),
    path("programmes/versions/<int:pk>/rules/add/", rules.RuleEdit.as_view(), name="desk_rule_add"),
    path("programmes/versions/<int:pk>/rules/<str:rule>/", rules.RuleEdit.as_view(), name="desk_rule"),
    path("programmes/versions/<int:pk>/rules/<str:rule>/<slug:step>/", rules.RuleStep.as_view(), name="desk_rule_step"),
    path("programmes/versions/<int:pk>/simulate/", simulations.SimulationStart.as_view(), name="desk_simulate"),
    path("programmes/versions/<int:pk>/share/", consultations.ShareDraft.as_view(), name="desk_programme_share"),
    path(
        "programmes/versions/<int:pk>/partners/<slug:code>/",
        consultations.Thread.as_view(),
        name="desk_programme_thread",
    ),
    path("programmes/shares/<int:pk>/end/", consultations.UnshareDraft.as_view(), name="desk_programme_unshare"),
    path("simulations/<int:pk>/", simulations.SimulationDetail.as_view(), name="desk_simulation"),
    path("simulations/<int:pk>/orders.csv", simulations.SimulationExport.as_view(), name="desk_simulation_csv"),
    path(
        "simulations/<int:pk>/orders/<str:number>/", simulations.SimulationOrder.as_view(), name="desk_simulation_order"
    ),
    path("simulations/<int:pk>/<slug:step>/", simulations.SimulationStep.as_view(), name="desk_simulation_step"),
]
