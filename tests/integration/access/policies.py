"""Who may open what. An address that is not listed here fails the crawl: whoever adds one says for whom it is."""

from dataclasses import dataclass
from enum import Enum, auto


class Who(Enum):
    """Everybody; whoever holds a secret address; everybody signed in; people of a company; whose it is."""

    PUBLIC = auto()
    SECRET = auto()
    LOGIN = auto()
    COMPANY = auto()
    OWN = auto()


@dataclass(frozen=True)
class Portal:
    """People of a partner, in these roles; what has parameters only for the partner it belongs to."""

    roles: str = "owner sales finance"


@dataclass(frozen=True)
class Desk:
    """Staff with this permission."""

    permission: str


Policy = Who | Portal | Desk

# Wagtail's admin and Oscar's dashboard, closed as a whole to everybody but staff; our own pages in them are below.
BACK_OFFICES = ("admin/", "dashboard/")
BACK_OFFICE_DOORS = {
    "admin/login/", "dashboard/login/", "wagtailadmin_login", "dashboard:login", "wagtailadmin_password_reset",
    "wagtailadmin_password_reset_done", "wagtailadmin_password_reset_complete", "wagtailadmin_password_reset_confirm",
    "wagtailadmin_javascript_catalog", "wagtailadmin_sprite", "dashboard:logout", "wagtailadmin_logout",
}  # fmt: skip


def _each(policy: Policy, names: str) -> dict[str, Policy]:
    return dict.fromkeys(names.split(), policy)


POLICIES: dict[str, Policy] = {
    **_each(
        Who.PUBLIC,
        "sitemap.xml favicon.ico partner_link consent set_language styleguide ^media/(?P<path>.*)$ catalogue:index catalogue:detail"
        " catalogue:category catalogue:range search:search search:suggest offer:list offer:detail partner_directory"
        " partner_profile customer:login customer:logout customer:register password-reset password-reset-done"
        " offering:commitment offering:as-chosen offering:compare offering:compare-change"
        " password-reset-complete basket:summary basket:undo basket:voucher basket:add"
        " stripe_webhook accounts/notifications/ customer:alert-create wagtail_serve _util/login/ wagtailcore_login wagtaildocs_serve",
    ),
    **_each(
        Who.SECRET,
        "fake_stripe_onboarding fake_stripe_pay customer:invitation customer:registration-confirm customer:email-change-confirm customer:email-change-undo password-reset-confirm customer:alerts-confirm customer:alerts-cancel-by-key"
        " wishlists:detail wagtailcore_authenticate_with_password wagtaildocs_authenticate_with_password",
    ),
    **_each(
        Who.LOGIN,
        "checkout:index checkout:how-to-buy checkout:delivery checkout:preview customer:summary customer:application customer:join-requests"
        " customer:on-behalf-stop"
        " customer:second-factor customer:second-factor-set-up customer:second-factor-enter customer:change-password customer:profile-view customer:profile-update customer:profile-delete"
        " customer:order-list customer:address-list customer:address-create"
        " customer:email-list customer:notifications-inbox customer:notifications-archive"
        " customer:notifications-update customer:alerts-list customer:wishlists-list customer:wishlists-create"
        " customer:wishlists-create-with-product",
    ),
    **_each(
        Who.COMPANY,
        "customer:company customer:company-people customer:company-locations customer:company-location-new"
        " customer:company-cost-centres customer:company-details customer:company-partners customer:company-roles"
        " customer:company-role-new customer:returns customer:subscriptions customer:subscriptions-align customer:invoices customer:invoices-statement customer:invoices-pay customer:company-credit customer:company-tax"
        " customer:payment-methods customer:payment-method-back",
    ),
    **_each(
        Who.OWN,
        "checkout:thank-you customer:order-return customer:return customer:return-cancel customer:return-slip"
        " customer:return-document checkout:pay checkout:paying checkout:stop-paying customer:subscription customer:subscription-review customer:subscription-change customer:subscription-cancel customer:subscription-method customer:subscription-pay customer:subscription-paid customer:invoice customer:invoice-file customer:invoices-payment customer:order customer:order-line customer:address-detail customer:address-delete"
        " customer:address-change-status customer:email-detail customer:notifications-detail"
        " customer:alerts-cancel-by-pk customer:join-request customer:company-person customer:company-person-leave"
        " customer:company-invitation customer:company-location customer:company-cost-centre customer:company-sharing customer:company-tax-file customer:payment-method"
        " customer:company-switch customer:company-role customer:order-people customer:wishlists-detail customer:wishlists-update customer:wishlists-delete"
        " customer:wishlists-add-product customer:wishlists-remove-product"
        " customer:wishlists-move-product-to-another basket:line",
    ),
    **_each(Portal(), "portal:dashboard portal:orders portal:order portal:notices portal:notices-read"),
    **_each(
        Portal("owner finance"),
        "portal:orders-csv portal:statements portal:statement portal:statement-csv portal:guarantee portal:certificate"
        " portal:statement-pdf portal:statement-json portal:recompute-script portal:payout-settings"
        " portal:payout-settings-cancel portal:stripe-onboarding portal:stripe-refresh",
    ),
    **_each(
        Portal("owner sales"),
        "portal:links portal:link-new portal:link portal:link-switch portal:link-qr portal:customers"
        " portal:renewals portal:renewal portal:renewal-activity"
        " portal:steward-accept portal:partner-changes portal:partner-change customer:on-behalf",
    ),
    **_each(Portal("owner finance"), "portal:consultations portal:consultation portal:consultation-comment"),
    **_each(
        Portal("owner finance"),
        "portal:disputes portal:claim portal:dispute portal:dispute-withdraw portal:order-dispute",
    ),
    **_each(Portal("owner"), "portal:team"),
    **_each(Desk("channels_partners.view_channelpartner"), "desk desk_partners desk_partner"),
    **_each(
        Desk("channels_partners.change_channelpartner"),
        "desk_partner_edit desk_partner_parent desk_partner_step desk_member_remove desk_member_add desk_agreement_sign"
        " desk_certification_add desk_certification_withdraw",
    ),
    **_each(Desk("channels_journeys.view_companyprofile"), "desk_companies desk_company"),
    **_each(Desk("channels_journeys.add_companymerge"), "desk_company_merge"),
    **_each(Desk("channels_journeys.add_companymergeend"), "desk_merge_undo"),
    **_each(Desk("channels_journeys.view_relationship"), "desk_relationships"),
    **_each(Desk("channels_journeys.add_relationship"), "desk_relationship_add"),
    **_each(Desk("channels_journeys.add_relationshipend"), "desk_relationship_end"),
    **_each(Desk("channels_journeys.view_touchpoint"), "desk_touchpoints"),
    **_each(Desk("channels_journeys.add_touchpoint"), "desk_touchpoint_add"),
    **_each(Desk("channels_journeys.view_touchcost"), "desk_touch_costs"),
    **_each(Desk("channels_journeys.add_touchcost"), "desk_touch_cost_add desk_touch_cost_edit"),
    **_each(
        Desk("channels_journeys.add_touchimport"),
        "desk_touch_imports desk_touch_template desk_touch_import desk_touch_import_accept desk_touch_import_again"
        " desk_touch_import_problems",
    ),
    **_each(Desk("channels_journeys.view_policy"), "desk_policies desk_policy desk_models"),
    **_each(Desk("channels_journeys.add_policy"), "desk_policy_draft desk_policy_edit"),
    **_each(Desk("channels_journeys.change_policy"), "desk_policy_publish"),
    **_each(
        Desk("channels_commissions.view_programmeversion"),
        "desk_programmes desk_programme_version desk_programme_thread desk_simulation desk_simulation_csv"
        " desk_simulation_order",
    ),
    **_each(Desk("channels_commissions.add_programmeversion"), "desk_programme_new desk_programme_draft"),
    **_each(
        Desk("channels_commissions.change_programmeversion"),
        "desk_programme_edit desk_programme_publish desk_rule_add desk_rule desk_rule_step desk_simulate"
        " desk_simulation_step desk_programme_share desk_programme_unshare",
    ),
    **_each(Desk("channels_journeys.view_orderrecord"), "desk_orders desk_order"),
    **_each(Desk("channels_journeys.view_attributionrun"), "desk_failures"),
    **_each(Desk("channels_journeys.change_attributionrun"), "desk_retry_attribution desk_retry_rating"),
    **_each(Desk("channels_commissions.view_accrual"), "desk_reviews"),
    **_each(Desk("channels_commissions.change_accrual"), "desk_review_clear desk_review_reject"),
    **_each(Desk("channels_journeys.view_override"), "desk_credit_overrides desk_credit_override"),
    **_each(Desk("channels_journeys.add_override"), "desk_credit_override_propose desk_credit_override_withdraw"),
    **_each(Desk("channels_journeys.change_override"), "desk_credit_override_decide"),
    **_each(Desk("channels_commissions.view_dispute"), "desk_disputes desk_dispute"),
    **_each(Desk("channels_commissions.change_dispute"), "desk_dispute_step"),
    **_each(Desk("channels_commissions.view_ledgerentry"), "desk_ledger"),
    **_each(Desk("channels_commissions.view_statement"), "desk_statements desk_statement desk_statement_file"),
    **_each(Desk("channels_commissions.view_closedmonth"), "desk_months"),
    **_each(Desk("channels_commissions.add_closedmonth"), "desk_month_close"),
    **_each(Desk("channels_commissions.view_exchangerate"), "desk_rates"),
    **_each(Desk("channels_commissions.add_exchangerate"), "desk_rate_add"),
    **_each(Desk("channels_commissions.change_statement"), "desk_statement_approve"),
    **_each(Desk("channels_commissions.view_payout"), "desk_payouts"),
    **_each(Desk("channels_commissions.view_payoutbatch"), "desk_payout_batches desk_payout_batch"),
    **_each(Desk("channels_commissions.view_payoutdetails"), "desk_payout_details"),
    **_each(Desk("channels_commissions.change_statement"), "desk_payouts_approve"),
    **_each(
        Desk("channels_commissions.add_payout"),
        "desk_statement_pay desk_payouts_send desk_payout_report desk_payout_batch_retry desk_payout_batch_file"
        " desk_payout_batch_executed",
    ),
    **_each(Desk("channels_commissions.change_payout"), "desk_payout_returned desk_payout_recall"),
    **_each(Desk("channels_harmony.view_guardcheck"), "desk_harmony desk_harmony_csv desk_undercuts desk_undercut"),
    **_each(Desk("channels_harmony.add_guardsetting"), "desk_guard_setting"),
    **_each(Desk("channels_harmony.add_guardoverride"), "desk_override_request"),
    **_each(Desk("channels_harmony.decide_guardoverride"), "desk_override_decide"),
    **_each(Desk("channels_harmony.view_buyterm"), "desk_buy_terms"),
    **_each(Desk("channels_harmony.add_buyterm"), "desk_buy_term_add"),
    **_each(Desk("channels_harmony.add_advertisedprice"), "desk_advertised_add"),
    **_each(Desk("channels_harmony.view_proof"), "desk_guarantee desk_guarantee_csv"),
    **_each(Desk("channels_harmony.view_costrate"), "desk_costs desk_costs_csv"),
    **_each(Desk("channels_harmony.add_costrate"), "desk_cost_rate_add"),
    **_each(Desk("channels_audit.view_auditevent"), "desk_audit"),
    **_each(Desk("channels_partners.add_channelpartner"), "desk_partner_add"),
    **_each(
        Desk("shop_subscriptions.view_subscription"),
        "subscriptions_desk subscriptions_csv subscriptions_forecast subscription_desk",
    ),
    **_each(Desk("shop_subscriptions.change_subscription"), "subscription_renew subscription_undo"),
    **_each(Desk("shop_companies.view_company"), "companies"),
    **_each(Desk("shop_registration.view_application"), "registrations registration"),
    **_each(Desk("shop_registration.change_application"), "registration_step"),
    **_each(Desk("shop_registration.view_certificate"), "registration_certificate"),
    **_each(Desk("shop_companies.change_company"), "company_terms company_status"),
    **_each(Desk("shop_segments.view_customergroup"), "customer_groups"),
    **_each(Desk("shop_segments.add_customergroup"), "customer_group_add"),
    **_each(
        Desk("shop_segments.change_customergroup"),
        "customer_group customer_group_member_add customer_group_member_remove",
    ),
    **_each(Desk("shop_segments.delete_customergroup"), "customer_group_delete"),
    **_each(Desk("shop_segments.view_visibilityrule"), "visibility_rules visibility_who"),
    **_each(Desk("shop_segments.add_visibilityrule"), "visibility_rule_add"),
    **_each(Desk("shop_segments.delete_visibilityrule"), "visibility_rule_remove"),
    **_each(Desk("shop_segments.view_siteprofile"), "site_profiles site_profile_preview"),
    **_each(Desk("shop_segments.add_siteprofile"), "site_profile_save"),
    **_each(Desk("shop_segments.delete_siteprofile"), "site_profile_delete"),
    **_each(Desk("shop_pricing.view_pricelist"), "price_lists price_list price_export price_preview price_gates"),
    **_each(Desk("shop_pricing.add_pricelist"), "price_list_add price_list_copy"),
    **_each(
        Desk("shop_pricing.change_pricelist"),
        "price_list_edit price_list_archive price_list_assign price_list_withdraw price_gate_add price_gate_remove",
    ),
    **_each(Desk("shop_pricing.change_priceentry"), "price_list_product"),
    **_each(Desk("shop_pricing.view_contractprice"), "contract_prices"),
    **_each(Desk("shop_pricing.change_contractprice"), "contract_price_add contract_price contract_price_remove"),
    **_each(Desk("shop_pricing.view_pricerecord"), "price_history"),
    **_each(
        Desk("shop_pricing_desk.add_priceimport"),
        "price_imports price_import price_import_accept price_import_again price_import_mistakes price_template",
    ),
    **_each(Desk("shop_companies.order_on_behalf"), "company_on_behalf"),
    **_each(
        Desk("shop_billing.view_invoice"), "invoices invoice_desk invoice_file credit_notes credit_note_file receipts"
    ),
    **_each(Desk("shop_tax.view_exemptioncertificate"), "exemption_certificates exemption_certificate_file"),
    **_each(Desk("shop_tax.change_exemptioncertificate"), "exemption_accept exemption_refuse"),
    **_each(Desk("shop_tax.view_taxrate"), "tax_rates"),
    **_each(Desk("shop_tax.change_taxrate"), "tax_rate_add tax_rate"),
    **_each(Desk("shop_tax.view_seller"), "tax_seller"),
    **_each(
        Desk("shop_tax.change_seller"),
        "tax_seller_edit tax_registration_add tax_registration_remove tax_product_rate_add tax_product_rate_remove",
    ),
    **_each(Desk("shop_fulfilment.add_shipment"), "delivery_to_ship"),
    **_each(Desk("shop_fulfilment.view_shippingrule"), "delivery_rules"),
    **_each(
        Desk("shop_fulfilment.change_shippingrule"),
        "delivery_rule_add delivery_rule delivery_rule_switch delivery_method_add delivery_method",
    ),
    **_each(Desk("shop_returns.view_returnrequest"), "returns return return_document"),
    **_each(Desk("shop_returns.handle_returnrequest"), "return_approve return_reject return_receive return_inspect"),
    **_each(Desk("shop_returns.grant_returnrequest"), "return_step"),
    **_each(Desk("shop_returns.view_repayment"), "repayments"),
    **_each(Desk("shop_returns.release_repayment"), "repayment_release"),
    **_each(Desk("shop_returns.view_returnpolicy"), "return_policies"),
    **_each(Desk("shop_returns.change_returnpolicy"), "return_policy_add return_policy return_policy_remove"),
    **_each(Desk("shop_credit.view_creditaccount"), "credit_accounts credit_account"),
    **_each(
        Desk("shop_credit.manage_credit"),
        "credit_account_add credit_limit credit_hold credit_release credit_deposit credit_pay_out credit_correct",
    ),
    **_each(
        Desk("shop_billing.mark_invoice_paid"),
        "invoice_mark_paid invoice_payment invoice_pay_back receipt_add receipt_book",
    ),
    **_each(Desk("shop_billing.export_invoices"), "journal"),
    **_each(Desk("shop_treasury.view_waiting"), "treasury stuck_attempts stuck_attempt stuck_refunds dunning"),
    **_each(Desk("shop_treasury.view_reconciliation"), "reconciliation reconciliation_csv"),
    **_each(Desk("shop_treasury.settle_attempt"), "stuck_attempt_settle"),
    **_each(Desk("shop_treasury.refund_stuck"), "stuck_attempt_refund stuck_refund_again"),
    **_each(Desk("shop_payments.view_payment"), "payments payment"),
    **_each(Desk("shop_payments.view_dispute"), "payment_disputes"),
    **_each(Desk("shop_payments.view_webhookevent"), "webhook_inbox webhook_event"),
    **_each(Desk("shop_payments.replay_webhookevent"), "webhook_replay fake_bank fake_bank_act"),
}
