"""The public directory and its profiles."""

import pytest
from django.test import Client
from django.urls import reverse

from channels.partners import selectors
from channels.partners.models import ChannelPartner
from tests.factories import channels as make

pytestmark = pytest.mark.django_db


def codes(**filters: str) -> list[str]:
    return [card.code for card in selectors.directory(**filters)]


def test_filters_narrow_the_directory() -> None:
    make.partner("anna", tier="gold", specialities=["calibration", "energy"], city="Bergen")
    make.partner("berta", country="SE", territories=["SE", "NO"], specialities=["energy"])
    make.partner("carla", country="NO", territories=["DK"], summary="Marine sensors")
    make.partner("hidden", is_listed=False)
    make.partner("suspended", status="suspended")

    assert codes() == ["anna", "berta", "carla"]
    assert codes(country="NO") == ["anna", "berta"]
    assert codes(country="dk") == ["carla"]
    assert codes(speciality="energy") == ["anna", "berta"]
    assert codes(tier="gold") == ["anna"]
    assert codes(query="marine") == ["carla"]
    assert codes(country="NO", speciality="energy", tier="gold", query="bergen") == ["anna"]
    assert codes(country="NO", query="marine") == []
    assert codes(speciality='energy", "x') == []


def test_facets_hold_what_is_there() -> None:
    make.partner("anna", tier="gold", specialities=["energy", "own-words"])
    make.partner("berta", country="SE", territories=["SE", "DK"])
    make.partner("suspended", status="suspended", country="FI", tier="platinum")

    found = selectors.facets()

    assert found.countries == (("DK", "Denmark"), ("NO", "Norway"), ("SE", "Sweden"))
    assert found.specialities == (("energy", "Energy"), ("own-words", "Own words"))
    assert found.tiers == (("gold", "Gold"), ("registered", "Registered"))


def test_a_card_is_public_only_while_listed_and_active() -> None:
    make.partner("anna", email="hello@anna.example.com")
    make.partner("hidden", is_listed=False)
    make.partner("suspended", status="suspended")

    card = selectors.partner_card(code="ANNA")
    assert card is not None
    assert (card.name, card.kind_label, card.email) == ("Anna", "Reseller", "hello@anna.example.com")
    assert [selectors.partner_card(code=code) for code in ("hidden", "suspended", "nobody")] == [None, None, None]


def test_the_page_lists_filters_and_links(client: Client) -> None:
    make.partner("anna", tier="gold", specialities=["calibration"], city="Bergen", summary="Pressure is our trade.")
    make.partner("berta", country="SE")

    page = client.get(reverse("partner_directory")).content.decode()

    assert "2 partners" in page
    assert 'href="/partners/anna/"' in page
    assert "Bergen, Norway" in page
    assert '<option value="SE">Sweden</option>' in page
    filtered = client.get(reverse("partner_directory"), {"country": "SE"}).content.decode()
    assert "1 partner<" in filtered
    assert "/partners/berta/" in filtered
    assert "/partners/anna/" not in filtered


def test_htmx_gets_the_results_alone(client: Client) -> None:
    make.partner("anna")
    response = client.get(
        reverse("partner_directory"), {"q": "anna"}, headers={"HX-Request": "true", "HX-Target": "directory-results"}
    )
    assert next(template.name for template in response.templates) == "channels/directory/results.html"
    assert "<html" not in response.content.decode()
    assert {"HX-Request", "HX-Target"} <= set(response["Vary"].split(", "))


def test_nothing_found_and_nothing_there_say_so(client: Client) -> None:
    assert "No partners are listed yet" in client.get(reverse("partner_directory")).content.decode()
    make.partner("anna")
    page = client.get(reverse("partner_directory"), {"q": "zzz", "page": "99", "tier": "\x00"}).content.decode()
    assert "No partner fits all of this" in page
    assert "/partners/anna/" not in page


def test_many_partners_are_paged(client: Client) -> None:
    ChannelPartner.objects.bulk_create(
        ChannelPartner(code=f"p{n}", name=f"P{n:02}", kind="agent", country="NO", status="active", joined_at=make.NOON)
        for n in range(25)
    )
    second = client.get(reverse("partner_directory"), {"page": 2, "country": "NO"})
    assert [tile["name"] for tile in second.context["partners"]] == ["P24"]
    assert "country=NO" in second.content.decode()


def test_the_query_count_does_not_grow(client: Client, django_assert_num_queries: object) -> None:
    make.partner("p1")
    client.get(reverse("partner_directory"))  # warms what the page frame caches
    for number in (1, 3):
        with django_assert_num_queries(PAGE_QUERIES):  # type: ignore[operator]
            response = client.get(reverse("partner_directory"))
        assert len(response.context["partners"]) == number
        if number == 1:
            make.partner("p2")
            make.partner("p3")


PAGE_QUERIES = 3  # count, page, facets


def test_a_profile_shows_the_partner(client: Client) -> None:
    make.partner(
        "anna",
        about="Since 1987.",
        specialities=["calibration"],
        territories=["NO", "SE"],
        phone="+47 55 00 00 00",
        website="https://www.anna.example.com/no/",
    )

    page = client.get(reverse("partner_profile", args=["anna"])).content.decode()

    assert "Since 1987." in page
    assert "Calibration" in page
    assert "Sweden" in page
    assert 'href="tel:+4755000000"' in page
    assert ">anna.example.com</a>" in page


@pytest.mark.parametrize("code", ["hidden", "suspended", "nobody"])
def test_other_profiles_are_not_found(client: Client, code: str) -> None:
    make.partner("hidden", is_listed=False)
    make.partner("suspended", status="suspended")
    assert client.get(reverse("partner_profile", args=[code])).status_code == 404


def test_texts_of_partners_are_escaped(client: Client) -> None:
    make.partner("anna", name="<b>Anna</b>", about="<script>alert(1)</script>", summary='"><img src=x>')
    for page in (reverse("partner_directory"), reverse("partner_profile", args=["anna"])):
        body = client.get(page).content.decode()
        assert "<b>Anna" not in body
        assert "<script>alert" not in body
        assert "<img src=x>" not in body
