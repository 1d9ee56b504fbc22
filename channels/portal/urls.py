"""Addresses of the partner portal."""

from django.urls import path, re_path

from channels.portal.views.consultations import CommentView, ConsultationListView, ConsultationView
from channels.portal.views.customers import (
    CustomersView,
    PartnerChangeAnswerView,
    PartnerChangesView,
    StewardAcceptView,
)
from channels.portal.views.dashboard import DashboardView
from channels.portal.views.disputes import (
    ClaimView,
    DisputeCreditView,
    DisputeListView,
    DisputeView,
    DisputeWithdrawView,
)
from channels.portal.views.guarantee import CertificateView, GuaranteeView
from channels.portal.views.links import LinkCreateView, LinkDetailView, LinkListView, LinkQrView, LinkSwitchView
from channels.portal.views.notices import NoticeListView, NoticeReadView
from channels.portal.views.orders import OrderExportView, OrderListView
from channels.portal.views.payouts import (
    PayoutDetailsCancelView,
    PayoutSettingsView,
    StripeOnboardingView,
    StripeRefreshView,
)
from channels.portal.views.renewals import RenewalActivityView, RenewalsView, RenewalView
from channels.portal.views.statements import (
    RecomputeScriptView,
    StatementExportView,
    StatementJsonView,
    StatementListView,
    StatementPdfView,
    StatementView,
)
from channels.portal.views.story import OrderView
from channels.portal.views.team import TeamView

app_name = "portal"
urlpatterns = [
    path("", DashboardView.as_view(), name="dashboard"),
    path("orders/", OrderListView.as_view(), name="orders"),
    path("orders.csv", OrderExportView.as_view(), name="orders-csv"),
    path("orders/<str:number>/", OrderView.as_view(), name="order"),
    path("links/", LinkListView.as_view(), name="links"),
    path("links/new/", LinkCreateView.as_view(), name="link-new"),
    path("links/<int:pk>/", LinkDetailView.as_view(), name="link"),
    path("links/<int:pk>/switch/", LinkSwitchView.as_view(), name="link-switch"),
    re_path(r"^links/(?P<pk>\d{1,18})/qr\.(?P<kind>svg|png)$", LinkQrView.as_view(), name="link-qr"),
    path("customers/", CustomersView.as_view(), name="customers"),
    path("customers/roles/<int:pk>/accept/", StewardAcceptView.as_view(), name="steward-accept"),
    path("customers/wishes/", PartnerChangesView.as_view(), name="partner-changes"),
    path("customers/wishes/<int:pk>/", PartnerChangeAnswerView.as_view(), name="partner-change"),
    path("renewals/", RenewalsView.as_view(), name="renewals"),
    path("renewals/<int:pk>/", RenewalView.as_view(), name="renewal"),
    path("renewals/<int:pk>/activities/", RenewalActivityView.as_view(), name="renewal-activity"),
    path("statements/", StatementListView.as_view(), name="statements"),
    path("statements/recompute_statement.py", RecomputeScriptView.as_view(), name="recompute-script"),
    path("statements/<str:number>/", StatementView.as_view(), name="statement"),
    path("statements/<str:number>.csv", StatementExportView.as_view(), name="statement-csv"),
    path("statements/<str:number>.pdf", StatementPdfView.as_view(), name="statement-pdf"),
    path("statements/<str:number>.json", StatementJsonView.as_view(), name="statement-json"),
    path("guarantee/", GuaranteeView.as_view(), name="guarantee"),
    path("guarantee/<int:pk>/", CertificateView.as_view(), name="certificate"),
    path("payout-settings/", PayoutSettingsView.as_view(), name="payout-settings"),
    path("payout-settings/<int:pk>/cancel/", PayoutDetailsCancelView.as_view(), name="payout-settings-cancel"),
    path("payout-settings/stripe/", StripeOnboardingView.as_view(), name="stripe-onboarding"),
    path("payout-settings/stripe/refresh/", StripeRefreshView.as_view(), name="stripe-refresh"),
    path("consultations/", ConsultationListView.as_view(), name="consultations"),
    path("consultations/<int:pk>/", ConsultationView.as_view(), name="consultation"),
    path("consultations/<int:pk>/comment/", CommentView.as_view(), name="consultation-comment"),
    path("disputes/", DisputeListView.as_view(), name="disputes"),
    path("disputes/claim/", ClaimView.as_view(), name="claim"),
    path("disputes/<str:number>/", DisputeView.as_view(), name="dispute"),
    path("disputes/<str:number>/withdraw/", DisputeWithdrawView.as_view(), name="dispute-withdraw"),
    path("orders/<str:number>/dispute/", DisputeCreditView.as_view(), name="order-dispute"),
    path("team/", TeamView.as_view(), name="team"),
    path("notices/", NoticeListView.as_view(), name="notices"),
    path("notices/read/", NoticeReadView.as_view(), name="notices-read"),
]
