"""Companies on the desk: found, compared, merged with a reason, and separated again."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from channels.journeys.models import CompanyMerge, CompanyProfile
from channels.journeys.services import identity, merges, relationships
from tests.factories import channels as make
from tests.factories.channels import NOON, days
from tests.integration.desk.people import channel_manager, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Any:
    with time_machine.travel(NOON, tick=False):
        client.force_login(channel_manager())
        yield client


def pair() -> tuple[CompanyProfile, CompanyProfile]:
    one = make.company("fjord", name="Fjord AS", email_domain="fjord.example.com")
    other = make.company("fjord-2", name="Fjord Aksjeselskap", email_domain="fjord.example.com", country="SE")
    return one, other


def test_duplicates_are_pointed_out_compared_and_merged(desk: Client) -> None:
    one, other = pair()
    partner = make.partner("alfa")
    relationships.set_renewal_steward(
        company_key="fjord-2", partner_code="alfa", valid_from=NOON - days(9), at=NOON, source="desk"
    )
    make.touch(partner, NOON - days(1), company_key="fjord-2")
    url = reverse("desk_company_merge", args=[other.pk])

    assert f"{url}?survivor={one.pk}" in desk.get(reverse("desk_companies")).content.decode()
    page = desk.get(url, {"survivor": one.pk}).content.decode()
    assert "They are in different countries." in page
    assert "Alfa: Renewal steward" in page
    assert CompanyMerge.objects.count() == 0

    refused = desk.post(url, {"survivor": one.pk, "reason": ""})
    assert "This field is required." in refused.content.decode()
    done = desk.post(url, {"survivor": one.pk, "reason": "Same tax register entry"}, follow=True)
    [row] = CompanyMerge.objects.all()
    assert (row.company, row.survivor, row.at, row.reason) == (other, one, NOON, "Same tax register entry")
    text = done.content.decode()
    assert "Everything here counts for Fjord AS." in text
    assert "Same tax register entry" in text
    assert "merged into Fjord AS" in desk.get(reverse("desk_companies")).content.decode()


def test_a_merged_company_is_not_offered_and_the_refusal_of_a_late_one_is_shown(desk: Client) -> None:
    one, other = pair()
    third = make.company("bakken")
    merges.merge(company_id=other.pk, survivor_id=one.pk, reason="One", at=NOON - days(1))
    page = desk.get(reverse("desk_company_merge", args=[third.pk]), {"survivor": other.pk}).content.decode()
    assert "What would join" not in page
    assert f'<option value="{other.pk}"' not in page
    late = desk.post(reverse("desk_company_merge", args=[other.pk]), {"survivor": third.pk, "reason": "x"})
    assert "was merged into Fjord AS already" in late.content.decode()
    assert CompanyMerge.objects.count() == 1


def test_a_merge_is_undone_with_a_reason_and_its_history_stays(desk: Client) -> None:
    one, other = pair()
    row = merges.merge(company_id=other.pk, survivor_id=one.pk, reason="One", at=NOON - days(1))
    done = desk.post(reverse("desk_merge_undo", args=[row.pk]), {"reason": "Two after all"}, follow=True)
    assert "Two after all" in done.content.decode()
    again = desk.post(reverse("desk_merge_undo", args=[row.pk]), {"reason": "Again"})
    assert "This merge was undone already." in again.content.decode()
    assert row.end.reason == "Two after all"
    assert desk.get(reverse("desk_merge_undo", args=[row.pk + 1])).status_code == 404


def test_a_shared_browser_is_shown_as_shared(desk: Client) -> None:
    one, _ = pair()
    for user in (make.user(username="first"), make.user(username="second")):
        identity.link_visitor(visitor_key="a" * 32, user_id=user.pk, company_key="fjord", at=NOON)
    page = desk.get(reverse("desk_company", args=[one.pk])).content.decode()
    assert page.count("shared by 2") == 2
    assert "somebody who was here before" in page


def test_reading_does_not_let_one_merge(client: Client) -> None:
    one, other = pair()
    client.force_login(staff("view_companyprofile"))
    assert reverse("desk_company_merge", args=[other.pk]) not in client.get(reverse("desk_companies")).content.decode()
    client.post(reverse("desk_company_merge", args=[other.pk]), {"survivor": one.pk, "reason": "x"})
    assert CompanyMerge.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(desk: Client, rows: int, django_assert_num_queries: Any) -> None:
    for number in range(rows):
        merges.merge(
            company_id=make.company(f"a{number}").pk, survivor_id=make.company(f"b{number}").pk, reason="One", at=NOON
        )
    desk.get(reverse("desk_companies"))
    with django_assert_num_queries(13):
        desk.get(reverse("desk_companies"))
