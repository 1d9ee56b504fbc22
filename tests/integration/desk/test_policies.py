"""The attribution policy on the desk: drafted on a form, compared field by field, published with a reason."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from channels.audit.models import AuditEvent
from channels.desk.policy_form import PolicyForm, changes
from channels.journeys.models import Policy
from channels.journeys.services import policies
from tests.factories import channels as make
from tests.integration.desk.people import channel_manager, staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(channel_manager())
    return client


def typed(**changed: Any) -> dict[str, Any]:
    """What the form holds for the default policy, as a browser sends it, with changes."""
    values = PolicyForm.initial_of({})
    values["free_mail"] = "\n".join(values["free_mail"])
    sent = {name: "on" if value is True else value for name, value in values.items() if value is not False}
    return {**sent, "reason": "As agreed", **changed}


def errors_of(response: Any) -> dict[str, list[str]]:
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_every_term_is_a_field_and_unchanged_fields_change_nothing(desk: Client) -> None:
    assert desk.post(reverse("desk_policy_draft"), typed()).status_code == 302
    kept = Policy.objects.get()
    assert (kept.version, kept.status, kept.reason) == (1, "draft", "As agreed")
    assert changes({}, kept.terms) == []
    hidden = set(kept.terms) - set(PolicyForm.initial_of({})) - {
        "position_first_bp", "position_last_bp", "pick_share_bp", "role_weights"
    }  # fmt: skip
    assert hidden == set()


def test_each_change_is_kept_and_told_in_words_against_the_version_before(desk: Client) -> None:
    make.policy(house_order=True)
    base = Policy.objects.get()
    form = typed(
        window_days=60, model="role", role_sourcer=50, role_influencer=30, role_closer=0, pick_share="75.5",
        free_mail="example.org\nmail.example, example.org",
    )  # fmt: skip
    del form["incumbent"]
    response = desk.post(reverse("desk_policy_draft"), form, follow=True)
    kept = Policy.objects.exclude(pk=base.pk).get()

    assert kept.terms["role_weights"] == {"sourcer": 50, "influencer": 30, "implementer": 20}
    assert (kept.terms["pick_share_bp"], kept.terms["free_mail"]) == (7_550, ["example.org", "mail.example"])
    table = BeautifulSoup(response.content, "html.parser").select_one(".desk-changes tbody")
    assert table is not None
    rows = [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in table.select("tr")]
    assert rows[:8] == [
        ["Window (days)", "90", "60"],
        ["Model", "position-based", "role-weighted"],
        ["Sourcer (%)", "40", "50"],
        ["Influencer (%)", "20", "30"],
        ["Closer (%)", "20", "0"],
        ["The picked reseller's part of the resale pool (%)", "100", "75.5"],
        ["Without a touch, the partner of record is credited", "Yes", "No"],
        ["Free-mail domains", rows[7][1], "example.org, mail.example"],
    ]
    assert len(rows) == 8
    base.refresh_from_db()
    assert base.terms == {"house_order": True}


@pytest.mark.parametrize(
    ("changed", "field", "text"),
    [
        ({"window_days": 0}, "window_days", "Ensure this value is greater than or equal to 1."),
        ({"model": "guess"}, "model", "Select a valid choice. guess is not one of the available choices."),
        ({"position_first": 70, "position_last": 40}, "position_first", "First and last together are above 100 %."),
        ({"role_sourcer": 41}, "role_sourcer", "The weights sum to 101. They must sum to 100, or all be 0."),
        ({"free_mail": "gmail.com no domain"}, "free_mail", "Not a domain: no, domain. Write it like example.com."),
        ({"reason": ""}, "reason", "This field is required."),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_kept(
    desk: Client, changed: dict[str, Any], field: str, text: str
) -> None:
    response = desk.post(reverse("desk_policy_draft"), typed(**changed))
    assert errors_of(response) == {field: [text]}
    assert f'id="id_{field}' in response.content.decode()
    assert Policy.objects.count() == 0


def test_drafts_are_kept_side_by_side_and_edited(desk: Client) -> None:
    make.policy()
    for days in (60, 30):
        desk.post(reverse("desk_policy_draft"), typed(window_days=days))
    shorter, shortest = Policy.objects.filter(status="draft").order_by("version")
    desk.post(reverse("desk_policy_edit", args=[shortest.pk]), typed(window_days=45, reason="Not so short"))
    shortest.refresh_from_db()
    assert (shorter.terms["window_days"], shortest.terms["window_days"], shortest.reason) == (60, 45, "Not so short")
    page = desk.get(reverse("desk_policies")).content.decode()
    assert "Window (days): 90 → 60" in page
    assert "Window (days): 90 → 45" in page  # against the published version, and not against the other draft


def test_publishing_shows_the_changes_and_takes_a_reason_and_a_day(desk: Client) -> None:
    first = make.policy()
    draft = policies.draft(terms={"house_order": False, "window_days": 60}, at=NOW, reason="Shorter cycles")
    url = reverse("desk_policy_publish", args=[draft.pk])
    page = desk.get(url).content.decode()
    assert "Window (days)" in page
    assert "Shorter cycles" in page

    refused = desk.post(url, {"effective_from": "2026-02-01T00:00", "reason": "Shorter cycles"})
    assert "is before 2026-03-01" in refused.content.decode()
    assert desk.post(url, {"effective_from": "2026-04-01T00:00", "reason": ""}).status_code == 200
    draft.refresh_from_db()
    assert draft.status == "draft"

    desk.post(url, {"effective_from": "2026-04-01T00:00", "reason": "Agreed with the partners"})
    draft.refresh_from_db()
    assert (draft.status, draft.effective_from, draft.reason) == (
        "published", datetime(2026, 4, 1, tzinfo=UTC), "Agreed with the partners",
    )  # fmt: skip
    assert policies.current(at=NOW) == first
    assert policies.current(at=datetime(2026, 4, 1, tzinfo=UTC)) == draft
    soup = BeautifulSoup(desk.get(reverse("desk_policies")).content, "html.parser")
    assert [tag.get_text() for tag in soup.select("main .w-status")] == ["Scheduled", "In force"]
    assert desk.get(url).status_code == 302
    assert AuditEvent.objects.filter(verb="policy.published").count() == 1


def test_who_may_only_read_finds_no_way_to_change(client: Client) -> None:
    policy = make.policy()
    client.force_login(staff("view_policy"))
    page = client.get(reverse("desk_policy", args=[policy.pk])).content.decode()
    assert "All its terms" in page
    assert reverse("desk_policy_draft") not in client.get(reverse("desk_policies")).content.decode()
    client.post(reverse("desk_policy_draft"), typed())
    assert Policy.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(desk: Client, rows: int, django_assert_num_queries: Any) -> None:
    for _ in range(rows):
        make.policy()
    desk.get(reverse("desk_policies"))
    with django_assert_num_queries(8):
        desk.get(reverse("desk_policies"))
