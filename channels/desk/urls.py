"""Addresses of the desk, below Wagtail's admin."""

from django.urls import path

from channels.desk.views import home, money, orders, partners, relationships, terms

urlpatterns = [
    path("", home.DeskHome.as_view(), name="desk"),
    path("partners/", partners.PartnerList.as_view(), name="desk_partners"),
    path("partners/<int:pk>/", partners.PartnerDetail.as_view(), name="desk_partner"),
    path("partners/<int:pk>/edit/", partners.PartnerEdit.as_view(), name="desk_partner_edit"),
    path("partners/<int:pk>/distributor/", partners.PartnerParent.as_view(), name="desk_partner_parent"),
    path("partners/<int:pk>/people/<int:member>/remove/", partners.MemberStep.as_view(), name="desk_member_remove"),
    path("partners/<int:pk>/<slug:step>/", partners.PartnerStep.as_view(), name="desk_partner_step"),
    path("relationships/", relationships.RelationshipList.as_view(), name="desk_relationships"),
    path("relationships/add/", relationships.RelationshipAdd.as_view(), name="desk_relationship_add"),
    path("relationships/<int:pk>/end/", relationships.RelationshipEndView.as_view(), name="desk_relationship_end"),
    path("touchpoints/", relationships.TouchpointList.as_view(), name="desk_touchpoints"),
    path("touchpoints/add/", relationships.TouchpointAdd.as_view(), name="desk_touchpoint_add"),
    path("policies/", terms.PolicyList.as_view(), name="desk_policies"),
    path("policies/draft/", terms.PolicyDraft.as_view(), name="desk_policy_draft"),
    path("policies/<int:pk>/edit/", terms.PolicyDraft.as_view(), name="desk_policy_edit"),
    path("policies/<int:pk>/publish/", terms.PolicyPublish.as_view(), name="desk_policy_publish"),
    path("programmes/", terms.ProgrammeList.as_view(), name="desk_programmes"),
    path("programmes/<slug:code>/draft/", terms.ProgrammeDraft.as_view(), name="desk_programme_draft"),
    path("programmes/versions/<int:pk>/edit/", terms.ProgrammeEdit.as_view(), name="desk_programme_edit"),
    path("programmes/versions/<int:pk>/publish/", terms.ProgrammePublish.as_view(), name="desk_programme_publish"),
    path("orders/", orders.OrderList.as_view(), name="desk_orders"),
    path("orders/<str:number>/", orders.OrderDetail.as_view(), name="desk_order"),
    path("failures/", orders.FailureList.as_view(), name="desk_failures"),
    path("failures/attributions/<int:pk>/retry/", orders.RetryAttribution.as_view(), name="desk_retry_attribution"),
    path("failures/ratings/<int:pk>/retry/", orders.RetryRating.as_view(), name="desk_retry_rating"),
    path("reviews/", orders.ReviewList.as_view(), name="desk_reviews"),
    path("reviews/<int:pk>/clear/", orders.ClearReview.as_view(), name="desk_review_clear"),
    path("ledger/", money.LedgerList.as_view(), name="desk_ledger"),
    path("statements/", money.StatementList.as_view(), name="desk_statements"),
    path("statements/<str:number>/", money.StatementDetail.as_view(), name="desk_statement"),
    path("statements/<str:number>/approve/", money.ApproveStatement.as_view(), name="desk_statement_approve"),
    path("statements/<str:number>/pay/", money.PayStatement.as_view(), name="desk_statement_pay"),
    path("statements/<str:number>/returned/", money.ReturnPayout.as_view(), name="desk_payout_returned"),
    path("audit/", money.AuditList.as_view(), name="desk_audit"),
]
