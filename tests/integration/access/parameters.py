"""What fills the parameters of the desk's addresses, for the crawl."""

from typing import Any

from django.urls import reverse

from tests.integration.access import world
from tests.integration.access.routes import Route


def _each(names: str, **values: Any) -> dict[str, dict[str, Any]]:
    return {name: {**values} for name in names.split()}


def desk_parameters(side: world.Side) -> dict[str, dict[str, Any]]:
    """Fill the desk's addresses; a row that is not there answers 404 to those who may, and a refusal to the rest."""
    from channels.commissions.models import ProgrammeVersion, RatingRun, SimulationRun
    from channels.journeys.models import AttributionRun, Policy
    from shop.billing.models import Invoice
    from shop.buying.models import CheckoutAttempt
    from shop.companies.models import Company
    from shop.credit.models import CreditAccount
    from shop.payments.models import Payment

    attempt = {"key": CheckoutAttempt.objects.first().key}
    partner, statement = {"pk": side.partner.pk}, side.of_partner["portal:statement"]
    policy, version = {"pk": Policy.objects.get().pk}, {"pk": ProgrammeVersion.objects.get(status="published").pk}
    simulation = {"pk": SimulationRun.objects.latest("pk").pk}
    invoice = {"pk": Invoice.objects.first().pk}
    return {
        "customer_group": {"pk": 1},
        "customer_group_delete": {"pk": 1},
        "customer_group_member_add": {"pk": 1},
        "customer_group_member_remove": {"pk": 1, "company": 1},
        "visibility_rule_remove": {"pk": 1},
        "site_profile_delete": {"pk": 1},
        "desk_partner": partner,
        "desk_partner_edit": partner,
        "desk_partner_parent": partner,
        "desk_partner_step": {**partner, "step": "suspend"},
        "desk_member_remove": {**partner, "member": 1},
        "desk_member_add": partner,
        "desk_agreement_sign": partner,
        "desk_certification_add": partner,
        "desk_certification_withdraw": {**partner, "certification": 1},
        "desk_company": {"pk": relationship(side).company_id},
        "desk_company_merge": {"pk": relationship(side).company_id},
        "desk_merge_undo": {"pk": 1},
        "desk_relationship_end": {"pk": relationship(side).pk},
        "desk_touch_cost_edit": {"pk": 1},
        "desk_touch_import": {"pk": 1},
        "desk_touch_import_accept": {"pk": 1},
        "desk_touch_import_again": {"pk": 1},
        "desk_touch_import_problems": {"pk": 1},
        "desk_policy": policy,
        "desk_policy_edit": policy,
        "desk_policy_publish": policy,
        "desk_programme_draft": {"code": "channel"},
        "desk_programme_edit": version,
        "desk_programme_version": version,
        "desk_programme_publish": version,
        "desk_programme_share": version,
        "desk_programme_thread": {**version, "code": side.partner.code},
        "desk_programme_unshare": {"pk": shared(side).pk},
        "desk_rule_add": version,
        "desk_rule": {**version, "rule": "resale"},
        "desk_rule_step": {**version, "rule": "resale", "step": "down"},
        "desk_simulate": version,
        "desk_simulation": simulation,
        "desk_simulation_csv": simulation,
        "desk_simulation_order": {**simulation, **side.of_partner["portal:order"]},
        "desk_simulation_step": {**simulation, "step": "cancel"},
        "desk_order": side.of_partner["portal:order"],
        "desk_retry_attribution": {"pk": AttributionRun.objects.first().pk},
        "desk_retry_rating": {"pk": RatingRun.objects.first().pk},
        "desk_review_clear": {"pk": 1},
        "desk_review_reject": {"pk": 1},
        "desk_credit_override": {"pk": 1},
        "desk_credit_override_withdraw": {"pk": 1},
        "desk_credit_override_decide": {"pk": 1, "verdict": "approve"},
        "desk_credit_override_propose": side.of_partner["portal:order"],
        "desk_dispute": side.of_partner["portal:dispute"],
        "desk_dispute_step": {**side.of_partner["portal:dispute"], "step": "take-up"},
        "desk_harmony_csv": {"measure": "direct-share"},
        "desk_undercut": {"pk": undercut(side).guard_check_id},
        "desk_override_request": {"pk": undercut(side).guard_check_id},
        "desk_override_decide": {"pk": undercut(side).pk},
        "desk_statement": statement,
        "desk_statement_approve": statement,
        "desk_statement_file": {**statement, "kind": "pdf"},
        "desk_month_close": {"month": "2026-01"},
        "desk_statement_pay": statement,
        "desk_payout_returned": statement,
        "desk_payout_recall": statement,
        "desk_payout_details": partner,
        "desk_payout_batch": {"pk": 1},
        "desk_payout_batch_retry": {"pk": 1},
        "desk_payout_batch_file": {"pk": 1},
        "desk_payout_batch_executed": {"pk": 1},
        **price_parameters(),
        **_each(
            "credit_account credit_limit credit_hold credit_release credit_deposit credit_pay_out credit_correct",
            pk=CreditAccount.objects.first().pk,
        ),
        **_each(
            "exemption_certificate_file exemption_accept exemption_refuse tax_rate tax_registration_remove"
            " tax_product_rate_remove delivery_rule delivery_rule_switch",
            pk=1,
        ),
        "delivery_method": {"code": "standard"},
        **_each("return return_approve return_reject return_receive return_inspect", **side.owned["customer:return"]),
        "return_step": {**side.owned["customer:return"], "step": "grant"},
        "return_document": side.owned["customer:return-document"],
        "repayment_release": {"pk": 1},
        "return_policy": {"pk": 1},
        "return_policy_remove": {"pk": 1},
        "invoice_mark_paid": invoice,
        "invoice_desk": invoice,
        "invoice_payment": invoice,
        "invoice_pay_back": invoice,
        "invoice_file": {**invoice, "kind": "pdf"},
        "credit_note_file": {"pk": 1, "kind": "pdf"},
        "receipt_book": {"pk": 1},
        "payment": {"key": Payment.objects.first().key},
        "stuck_attempt": attempt,
        "stuck_attempt_settle": attempt,
        "stuck_attempt_refund": attempt,
        "stuck_refund_again": {"pk": 1},
        "webhook_event": {"pk": 1},
        "webhook_replay": {"pk": 1},
        "company_status": {"pk": Company.objects.first().pk},
        "company_terms": {"pk": Company.objects.first().pk},
        "company_on_behalf": {"pk": Company.objects.first().pk},
        "subscription_desk": side.owned["customer:subscription"],
        "subscription_renew": side.owned["customer:subscription"],
        "subscription_undo": side.owned["customer:subscription"],
        "registration": side.application,
        "registration_step": {**side.application, "step": "approve"},
        "registration_certificate": {**side.application, "certificate": 1},
    }


def price_parameters() -> dict[str, dict[str, Any]]:
    from oscar.apps.catalogue.models import Product

    from shop.pricing.models import PriceList

    mine = {"pk": PriceList.objects.get_or_create(code="probe", defaults={"name": "Probe", "currency": "EUR"})[0].pk}
    return {
        **dict.fromkeys(("price_list", "price_list_edit", "price_list_copy", "price_list_archive"), mine),
        **dict.fromkeys(("price_list_assign", "price_imports"), mine),
        **{key: {**mine, "kind": "csv"} for key in ("price_export", "price_template")},
        "price_list_withdraw": {**mine, "assignment": 1},
        "price_list_product": {**mine, "product": Product.objects.first().pk},
        **{key: {"pk": 1} for key in ("contract_price", "contract_price_remove", "price_gate_remove")},
        **{key: {"pk": 1} for key in ("price_import", "price_import_accept", "price_import_again")},
        "price_import_mistakes": {"pk": 1, "kind": "csv"},
    }


def undercut(side: world.Side) -> Any:
    """An override that waits for a second person."""
    from channels.harmony.models import GuardCheck, GuardOverride

    check = GuardCheck.objects.get_or_create(
        key="undercut", defaults={"source": "price", "label": "Probe", "outcome": "blocked", "at": world.NOON}
    )[0]
    return GuardOverride.objects.get_or_create(
        guard_check=check,
        defaults={"reason": "Clearance", "expires_at": world.NOON, "requested_at": world.NOON,
                  "requested_by": side.buyer},
    )[0]  # fmt: skip


def shared(side: world.Side) -> Any:
    from channels.commissions.models import DraftShare, ProgrammeVersion

    return DraftShare.objects.get_or_create(
        version=ProgrammeVersion.objects.get(status="published"),
        partner=side.partner,
        defaults={"shared_at": world.NOON},
    )[0]


def relationship(side: world.Side) -> Any:
    from channels.journeys.models import CompanyProfile, Relationship

    return Relationship.objects.get_or_create(
        company=CompanyProfile.objects.first(), partner=side.partner, role="advisor",
        defaults={"source": "desk", "valid_from": world.NOON, "recorded_at": world.NOON},
    )[0]  # fmt: skip


def path_of(route: Route, parameters: dict[str, dict[str, Any]]) -> str:
    return reverse(route.name, kwargs=parameters[route.key]) if route.has_parameters else route.path
