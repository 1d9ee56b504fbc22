"""Every address of the site as everybody: what each may open, and that nobody reads or changes what is another's."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories import content
from tests.integration.access import world
from tests.integration.access.policies import BACK_OFFICE_DOORS, BACK_OFFICES, POLICIES, Desk, Portal, Who
from tests.integration.access.routes import Route, every_route

pytestmark = pytest.mark.django_db

METHODS = ("get", "post")
ROUTES = every_route()
PARTNER_ROLES = ("owner", "sales", "finance")


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(world.LATER, tick=False):
        yield


def routes_of(*kinds: Any) -> list[Route]:
    return [route for route in ROUTES if isinstance(POLICIES.get(route.key), kinds)]


def routes_for(who: Who) -> list[Route]:
    return [route for route in ROUTES if POLICIES.get(route.key) is who]


def back_office_routes() -> list[Route]:
    return [route for route in ROUTES if route.pattern.startswith(BACK_OFFICES) and route.key not in POLICIES]


def answers(client: Client, path: str) -> dict[str, int]:
    return {method: getattr(client, method)(path).status_code for method in METHODS}


def sends_to_login(client: Client, path: str) -> bool:
    """Both methods lead to the login, or are not known at all."""
    responses = [getattr(client, method)(path) for method in METHODS]
    sent = [response for response in responses if response.status_code != 405]
    return bool(sent) and all("/login/" in response.headers.get("Location", "") for response in sent)


# --- the table ------------------------------------------------------------------------------------------------------


def test_every_address_says_for_whom_it_is() -> None:
    undeclared = {route.key for route in ROUTES} - set(POLICIES)
    assert {route.key for route in ROUTES if not route.pattern.startswith(BACK_OFFICES)} & undeclared == set()
    assert set(POLICIES) - {route.key for route in ROUTES} == set(), "addresses that are gone"
    ours = {
        route.key
        for route in ROUTES
        if route.pattern.startswith(
            (
                "admin/channels/",
                "admin/invoices/",
                "admin/companies/",
                "admin/credit/",
                "admin/prices/",
                "admin/payments/", "admin/returns/", "admin/treasury/",
            )
        )
    }
    assert ours & undeclared == set()


# --- nobody in particular -------------------------------------------------------------------------------------------


def test_whatever_is_not_public_sends_a_visitor_to_the_login() -> None:
    mine, _ = world.two_sides()
    parameters = {**mine.owned, **mine.of_partner, **desk_parameters(mine)}
    client = world.browser_of()
    [shared] = [route for route in ROUTES if route.key == "customer:wishlists-detail"]
    opened = [
        route.key
        for route in [*routes_for(Who.LOGIN), *routes_for(Who.COMPANY), *routes_for(Who.OWN), *routes_of(Portal, Desk)]
        if route.key != "basket:line" and not sends_to_login(client, path_of(route, parameters))
    ]
    # A list may be shared by its address, and a basket line belongs to whoever has the basket.
    assert opened == ["customer:wishlists-detail"]
    assert client.get(path_of(shared, parameters)).status_code == 404
    assert set(answers(client, reverse("basket:line", kwargs=mine.owned["basket:line"])).values()) <= {302, 404, 405}


def test_public_pages_open_without_a_login() -> None:
    content.home_page()
    client = world.browser_of()
    opened = {
        route.key: client.get(route.path).status_code for route in routes_for(Who.PUBLIC) if not route.has_parameters
    }
    assert {key: status for key, status in opened.items() if status not in (200, 302, 405)} == {}


# --- companies ------------------------------------------------------------------------------------------------------


def test_what_is_another_companys_is_not_found_and_stays_as_it_is() -> None:
    mine, others = world.two_sides()
    client = world.browser_of(mine.buyer)
    before = world.rows()

    found = {route.key: answers(client, path_of(route, others.owned)) for route in routes_for(Who.OWN)}

    assert {key: got for key, got in found.items() if not set(got.values()) <= {404, 405}} == WITHOUT_EFFECT
    assert world.changes(before, world.rows()) == []


# The basket tells anybody who changes a line of no basket of theirs that the line is gone, and shows them their own.
WITHOUT_EFFECT = {"basket:line": {"get": 405, "post": 302}}


def test_a_buyer_reads_the_own_things_and_no_canary() -> None:
    mine, others = world.two_sides()
    client = world.browser_of(mine.buyer)
    paths = [
        route.path
        for route in [*routes_for(Who.PUBLIC), *routes_for(Who.LOGIN), *routes_for(Who.COMPANY)]
        if not route.has_parameters
    ]
    paths += [path_of(route, mine.owned) for route in routes_for(Who.OWN)]

    pages = {path: client.get(path) for path in paths if "password-reset" not in path}  # for who cannot sign in

    read = {path: page for path, page in pages.items() if page.status_code == 200}
    assert len(read) > 30
    assert reverse("customer:order", kwargs=mine.owned["customer:order"]) in read
    assert {path: page.status_code for path, page in pages.items() if page.status_code not in (200, 302, 405)} == {}
    assert {path: word for path, page in read.items() for word in canaries_in(page, others)} == {}


def canaries_in(page: Any, others: world.Side) -> list[str]:
    """What is B's alone. A product is everybody's, and so are the pages of the shop."""
    text = page.content.decode(errors="replace").lower()  # some are files
    words = ("canary foods", "canary street", "canary-po", "canary wishes", "canary@", "canarysen", "canary subject")
    return [word for word in (*words, others.owned["customer:order"]["order_number"].lower()) if word in text]


def test_a_buyer_has_no_portal_no_desk_and_no_back_office() -> None:
    mine, _ = world.two_sides()
    client = world.browser_of(mine.buyer)
    parameters = {**mine.of_partner, **desk_parameters(mine)}

    for route in routes_of(Portal):
        assert set(answers(client, path_of(route, parameters)).values()) <= {404, 405}, route.key
    for route in routes_of(Desk):
        assert set(answers(client, path_of(route, parameters)).values()) <= {302, 403, 405}, route.key


# --- partners -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", PARTNER_ROLES)
def test_a_partners_people_open_what_their_role_may_and_nothing_of_another(role: str) -> None:
    mine, others = world.two_sides()
    client = world.member(mine, role)

    for route in routes_of(Portal):
        policy = POLICIES[route.key]
        assert isinstance(policy, Portal)
        may = role in policy.roles.split()
        own = client.get(path_of(route, mine.of_partner))
        assert own.status_code in ({200, 405} if may else {403}), (route.key, own.status_code)
        if may and own.status_code == 200:
            body = b"".join(own.streaming_content) if own.streaming else own.content
            assert world.CANARY not in body.decode(errors="replace").lower(), route.key
        if route.has_parameters:
            foreign = answers(client, path_of(route, others.of_partner))
            assert set(foreign.values()) <= ({404, 405} if may else {403}), (route.key, foreign)
    assert others.partner.codes.get().is_active
    for route in routes_of(Desk):
        refused = answers(client, path_of(route, desk_parameters(mine)))
        assert set(refused.values()) <= {302, 403, 405}, (route.key, refused)


# --- staff ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", world.STAFF_ROLES)
def test_staff_open_what_their_role_may(role: str) -> None:
    mine, _ = world.two_sides()
    user = world.staff(role)
    client = world.browser_of(user)
    parameters = desk_parameters(mine)

    for route in routes_of(Desk):
        policy = POLICIES[route.key]
        assert isinstance(policy, Desk)
        answer = client.get(path_of(route, parameters), HTTP_ACCEPT="text/html")
        refused = answer.status_code == 403 or answer.headers.get("Location") == reverse("wagtailadmin_home")
        # What is published already cannot be edited or published: 404, or back to where it is shown.
        assert refused != user.has_perm(policy.permission) or answer.status_code == 405, (route.key, policy.permission)
        assert answer.status_code < 500, route.key
    for route in routes_of(Portal):
        assert client.get(path_of(route, mine.of_partner)).status_code in {404, 405}, route.key


def test_nobody_but_staff_enters_the_back_offices() -> None:
    mine, _ = world.two_sides()
    clients = [world.browser_of(), world.browser_of(mine.buyer), world.member(mine, "owner")]
    routes = [
        route for route in back_office_routes() if not route.has_parameters and route.key not in BACK_OFFICE_DOORS
    ]
    assert len(routes) > 100
    before = world.rows()

    for client in clients:
        seen = Counter(
            (route.pattern, method, status)
            for route in routes
            for method, status in answers(client, route.path).items()
            if status not in (302, 403, 404, 405)
        )
        assert seen == Counter()
    assert world.changes(before, world.rows()) == []


# --- parameters -----------------------------------------------------------------------------------------------------


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
        **dict.fromkeys(
            ("credit_account", "credit_limit", "credit_hold", "credit_release")
            + ("credit_deposit", "credit_pay_out", "credit_correct"),
            {"pk": CreditAccount.objects.first().pk},
        ),
        **dict.fromkeys(
            (
                "exemption_certificate_file",
                "exemption_accept",
                "exemption_refuse",
                "tax_rate",
                "tax_registration_remove",
            )
            + ("tax_product_rate_remove", "delivery_rule", "delivery_rule_switch"),
            {"pk": 1},
        ),
        "delivery_method": {"code": "standard"},
        **{
            page: side.owned["customer:return"]
            for page in ("return", "return_approve", "return_reject", "return_receive", "return_inspect")
        },
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
