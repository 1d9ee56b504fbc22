"""The desk: who may open what, and that each act calls its service and says what came of it."""

from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.urls import reverse

from channels.audit.models import AuditEvent
from channels.commissions.models import Statement
from channels.commissions.services import schedule
from channels.desk.wagtail_hooks import SECTIONS
from channels.journeys.models import AttributionRun, Policy, Relationship, RelationshipEnd, Touchpoint
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
LIST_PAGES = [name for name, *_rest in SECTIONS]


def staff(*codenames):
    user = make.user(is_staff=True)
    wanted = Permission.objects.filter(codename__in=["access_admin", *codenames])
    user.user_permissions.set(wanted)
    return user


def channel_manager():
    apps = ("channels_partners", "channels_journeys", "channels_commissions", "channels_harmony", "channels_audit")
    user = staff()
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label__in=apps))
    return user


@pytest.fixture
def desk(client):
    client.force_login(channel_manager())
    return client


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("name", LIST_PAGES)
def test_each_section_opens_for_its_role_and_for_nobody_else(client, name):
    url = reverse(name)
    assert client.get(url).status_code == 302
    client.force_login(make.user())
    assert client.get(url).status_code in {302, 403}
    client.force_login(staff())
    assert client.get(url, follow=True).redirect_chain[-1][0] == reverse("wagtailadmin_home")
    client.force_login(channel_manager())
    assert client.get(url).status_code == 200


def test_the_menu_shows_only_what_the_role_may_open(client):
    client.force_login(staff("view_statement", "view_ledgerentry"))
    text = client.get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("desk_statements") in text
    assert reverse("desk_ledger") in text
    assert reverse("desk_policies") not in text
    assert reverse("desk_partners") not in text


def test_reading_does_not_let_one_act(client):
    partner = make.partner("fjordtek")
    client.force_login(staff("view_channelpartner"))
    page = client.get(reverse("desk_partner", args=[partner.pk])).content.decode()
    assert reverse("desk_partner_step", args=[partner.pk, "suspend"]) not in page
    client.post(reverse("desk_partner_step", args=[partner.pk, "suspend"]), {"reason": "because"})
    partner.refresh_from_db()
    assert partner.status == ChannelPartner.Status.ACTIVE


def test_a_partner_is_suspended_with_a_reason_and_reinstated(desk):
    partner = make.partner("fjordtek")
    url = reverse("desk_partner_step", args=[partner.pk, "suspend"])
    refused = desk.post(url, {"reason": ""}, follow=True)
    assert messages_of(refused) == ["Write the reason: the partner will read it."]
    partner.refresh_from_db()
    assert partner.status == "active"
    done = desk.post(url, {"reason": "Unpaid invoices"}, follow=True)
    assert messages_of(done) == ["Fjordtek is now: Suspended."]
    again = desk.post(url, {"reason": "Unpaid invoices"}, follow=True)
    assert len(messages_of(again)) == 1
    desk.post(reverse("desk_partner_step", args=[partner.pk, "reinstate"]), {"reason": "Paid"})
    partner.refresh_from_db()
    assert partner.status == "active"
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", "reason"))
    assert verbs == [("partner.suspended", "Unpaid invoices"), ("partner.active", "Paid")]


def test_a_renewal_steward_is_set_and_its_relationship_ended(desk):
    company, partner = make.company("fjord"), make.partner("fjordtek")
    form = {
        "company": company.pk,
        "partner": partner.pk,
        "role": "renewal_steward",
        "valid_from": "2026-03-01T00:00",
        "evidence": "Contract 12",
    }
    assert desk.post(reverse("desk_relationship_add"), form).status_code == 302
    row = Relationship.objects.get()
    assert (row.role, row.source, row.evidence) == ("renewal_steward", "desk", "Contract 12")
    end = reverse("desk_relationship_end", args=[row.pk])
    desk.post(end, {"ended_at": "2026-02-01T00:00", "reason": "too early"})
    assert RelationshipEnd.objects.count() == 0
    desk.post(end, {"ended_at": "2026-06-01T00:00", "reason": "Moved away"})
    assert RelationshipEnd.objects.get().reason == "Moved away"


def test_a_reported_demo_becomes_one_touchpoint_however_often_the_form_is_sent(desk):
    company, partner = make.company("fjord"), make.partner("fjordtek")
    form = {
        "kind": "demo",
        "company": company.pk,
        "partner": partner.pk,
        "at": "2026-03-01T10:00",
        "note": "On site",
        "campaign": "",
        "token": "abc",
    }
    desk.post(reverse("desk_touchpoint_add"), form)
    desk.post(reverse("desk_touchpoint_add"), form)
    touch = Touchpoint.objects.get()
    assert (touch.kind, touch.medium, touch.partner, touch.company, touch.note) == (
        "demo",
        "field_sales",
        partner,
        company,
        "On site",
    )


def test_a_touchpoint_in_the_future_is_refused_and_nothing_typed_is_lost(desk):
    company = make.company("fjord")
    form = {"kind": "call", "company": company.pk, "at": "2126-03-01T10:00", "note": "Remember me", "token": "abc"}
    response = desk.post(reverse("desk_touchpoint_add"), form)
    assert "A touchpoint cannot lie in the future." in response.content.decode()
    assert "Remember me" in response.content.decode()
    assert Touchpoint.objects.count() == 0


def test_a_policy_is_drafted_from_the_last_and_published(desk):
    make.policy(window_days=90)
    before = Policy.objects.get()
    soup = BeautifulSoup(desk.get(reverse("desk_policy_draft")).content, "html.parser")
    form = {
        field["name"]: field.get("value", "")
        for field in soup.select("main input[name]")
        if field.get("type") != "checkbox"
    }
    form |= {
        "model": "linear",
        "window_days": "60",
        "reason": "Shorter cycles",
        "incumbent": "on",
        "half_life_days": "7",
    }
    assert desk.post(reverse("desk_policy_draft"), form).status_code == 302
    draft = Policy.objects.exclude(pk=before.pk).get()
    assert (draft.status, draft.terms["model"], draft.terms["window_days"], draft.terms["incumbent"]) == (
        "draft",
        "linear",
        60,
        True,
    )
    desk.post(reverse("desk_policy_publish", args=[draft.pk]), {"reason": "Shorter cycles"})
    draft.refresh_from_db()
    assert draft.status == "published"
    before.refresh_from_db()
    assert before.terms["window_days"] == 90


def test_a_failed_attribution_is_retried(desk):
    order = make.order("ORD-9")
    run = make.pending_run(order)
    url = reverse("desk_retry_attribution", args=[run.pk])
    failed = desk.post(url, follow=True)
    run.refresh_from_db()
    assert run.state == AttributionRun.State.FAILED
    assert messages_of(failed)[0].startswith("Order ORD-9 failed again:")
    make.policy()
    assert messages_of(desk.post(url, follow=True)) == ["Order ORD-9 is attributed."]
    run.refresh_from_db()
    assert run.state == AttributionRun.State.DONE


def test_an_order_is_explained_with_a_sentence_per_line(desk):
    make.policy()
    reseller = make.partner("fjordtek")
    order = make.order("ORD-7", through=reseller)
    desk.post(reverse("desk_retry_attribution", args=[make.pending_run(order).pk]))
    page = desk.get(reverse("desk_order", args=["ORD-7"])).content.decode()
    assert "The buyer picked Fjordtek as the reseller at checkout." in page
    assert "100 %" in page
    assert desk.get(reverse("desk_order", args=["ORD-8"])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("desk_orders", 11), ("desk_touchpoints", 10), ("desk_relationships", 10)]
)
def test_lists_cost_the_same_whatever_their_length(desk, rows, name, queries, django_assert_num_queries):
    make.policy()
    partner = make.partner("fjordtek")
    for number in range(rows):
        make.order(f"ORD-{number}", through=partner)
        make.touch(partner, datetime(2026, 2, 1 + number, tzinfo=UTC))
        Relationship.objects.create(
            company=make.company(f"company-{number}"), partner=partner, role="advisor", source="desk",
            valid_from=make.NOON, recorded_at=make.NOON,
        )  # fmt: skip
    desk.get(reverse(name))
    with django_assert_num_queries(queries):
        desk.get(reverse(name))


def test_a_statement_is_approved_and_paid(desk):
    money_at = datetime(2026, 5, 1, tzinfo=UTC)
    partner = make.partner("fjordtek")
    money.programme()
    order = money.credited("ORD-1", (partner, "resale", 10_000))
    money.paid(order)
    schedule.run_due(now=money_at)
    statement = Statement.objects.get()
    desk.post(reverse("desk_statement_approve", args=[statement.number]))
    desk.post(reverse("desk_statement_pay", args=[statement.number]), {"reference": "BANK-1"})
    statement.refresh_from_db()
    assert (statement.state, statement.payout.state, statement.payout.amount_minor) == ("paid", "paid", 1_500)
    page = desk.get(reverse("desk_statement", args=[statement.number])).content.decode()
    assert "BANK-1" in page


def test_a_partner_is_taken_on_reviewed_signed_and_activated(desk):
    form = {
        "code": "acme",
        "name": "Acme Automation",
        "kind": "reseller",
        "tier": "registered",
        "country": "no",
        "territories": "no, se",
        "product_classes": "",
    }
    desk.post(reverse("desk_partner_add"), form)
    partner = ChannelPartner.objects.get()
    assert (partner.status, partner.country, partner.territories) == ("applied", "NO", ["NO", "SE"])
    step = lambda name: reverse("desk_partner_step", args=[partner.pk, name])  # noqa: E731
    desk.post(step("start_review"))
    desk.post(step("approve"))
    refused = desk.post(step("activate"), follow=True)
    assert messages_of(refused)[-1] == "No agreement is in force: sign one first."
    wrong = desk.post(
        reverse("desk_agreement_sign", args=[partner.pk]),
        {"starts_on": "2026-03-01", "ends_on": "2026-02-01", "data_level": 1, "tail_months": 6},
    )
    assert "The end comes after the start." in wrong.content.decode()
    desk.post(
        reverse("desk_agreement_sign", args=[partner.pk]),
        {"starts_on": "2026-03-01", "data_level": 2, "tail_months": 6},
    )
    assert partner.agreements.get().data_level == 2
    desk.post(step("activate"))
    partner.refresh_from_db()
    assert partner.status == "active"


def test_a_person_is_invited_once_and_by_one_partner_only(desk):
    first, second = make.partner("first"), make.partner("second")
    form = {"email": "Kari@acme.example.com", "first_name": "Kari", "last_name": "Berg", "role": "owner"}
    desk.post(reverse("desk_member_add", args=[first.pk]), form)
    member = first.members.get()
    assert (member.user.email, member.role, member.user.has_usable_password()) == (
        "kari@acme.example.com",
        "owner",
        True,
    )
    again = desk.post(reverse("desk_member_add", args=[second.pk]), form)
    assert again.status_code == 200
    assert second.members.count() == 0
