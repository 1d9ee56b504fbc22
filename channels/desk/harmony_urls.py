"""Addresses of the harmony pages, below the desk's."""

from django.urls import path

from channels.desk.views import harmony, harmony_guard, harmony_reports, harmony_terms

urlpatterns = [
    path("", harmony.HarmonyDashboard.as_view(), name="desk_harmony"),
    path("figures/<slug:measure>.csv", harmony.HarmonyFile.as_view(), name="desk_harmony_csv"),
    path("undercuts/", harmony_guard.UndercutList.as_view(), name="desk_undercuts"),
    path("undercuts/setting/", harmony_guard.GuardSettingEdit.as_view(), name="desk_guard_setting"),
    path("undercuts/<int:pk>/", harmony_guard.UndercutDetail.as_view(), name="desk_undercut"),
    path("undercuts/<int:pk>/override/", harmony_guard.OverrideRequest.as_view(), name="desk_override_request"),
    path("overrides/<int:pk>/decide/", harmony_guard.OverrideDecide.as_view(), name="desk_override_decide"),
    path("prices/", harmony_terms.BuyTermList.as_view(), name="desk_buy_terms"),
    path("prices/add/", harmony_terms.BuyTermAdd.as_view(), name="desk_buy_term_add"),
    path("prices/advertised/add/", harmony_terms.AdvertisedAdd.as_view(), name="desk_advertised_add"),
    path("guarantee/", harmony_reports.GuaranteeReport.as_view(), name="desk_guarantee"),
    path("guarantee.csv", harmony_reports.GuaranteeFile.as_view(), name="desk_guarantee_csv"),
    path("costs/", harmony_reports.CostReport.as_view(), name="desk_costs"),
    path("costs.csv", harmony_reports.CostFile.as_view(), name="desk_costs_csv"),
    path("costs/rates/add/", harmony_reports.CostRateAdd.as_view(), name="desk_cost_rate_add"),
]
