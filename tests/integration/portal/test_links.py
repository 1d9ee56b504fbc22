"""Links and codes: what they brought, and making, switching and printing them."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.urls import reverse

from channels.audit.models import AuditEvent
from channels.contracts import CodeStatus
from channels.journeys.models import PartnerCode
from channels.journeys.services.codes import resolve_code
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.integration.portal import worlds
from tests.integration.portal.reading import page, portal_queries, text_of
from tests.integration.portal.worlds import NOON, TODAY, browser, days

pytestmark = pytest.mark.django_db

LINK_QUERIES = 5  # member, count, codes, credits, touches
VALID = {"label": "Newsletter, March", "code": "March-News", "landing_path": "/catalogue/", "campaign": "spring"}


@pytest.fixture
def anna() -> ChannelPartner:
    worlds.rules_of_play()
    return make.partner("anna")


def make_link(client: Client, **values: str) -> Any:
    return client.post(reverse("portal:link-new"), {**VALID, **values})


def rows(client: Client) -> dict[str, tuple[int, int]]:
    links = client.get(reverse("portal:links")).context["links"]
    return {item["link"].code.code: (item["link"].clicks, item["link"].orders) for item in links}


def test_the_list_counts_visits_and_the_orders_they_were_credited_for(anna: ChannelPartner) -> None:
    berta = make.partner("berta")
    flyer, website, of_berta = make.code(anna, "flyer"), make.code(anna, "website"), make.code(berta, "berta")
    make.company()
    worlds.visit(anna, NOON - days(9), website)
    worlds.visit(anna, NOON - days(8), website)
    worlds.visit(anna, NOON + days(40), flyer)  # after the orders
    worlds.visit(berta, NOON - days(1), of_berta)
    make.order("ORD-1")
    make.order("ORD-2", placed_at=NOON + days(1))
    worlds.run_due(now=NOON + days(2))

    assert rows(browser(anna)) == {"website": (2, 2), "flyer": (1, 0)}
    assert rows(browser(berta)) == {"berta": (1, 2)}


def test_a_link_is_made_and_leads_where_it_says(anna: ChannelPartner) -> None:
    client = browser(anna)

    response = make_link(client, expires_on="2026-06-30")

    code = PartnerCode.objects.get()
    assert response["Location"] == reverse("portal:link", args=[code.pk])
    assert (code.partner, code.code, code.label, code.campaign) == (anna, "march-news", "Newsletter, March", "spring")
    assert code.created_at == TODAY
    assert resolve_code(code="MARCH-NEWS", at=TODAY).landing_path == "/catalogue/"
    assert resolve_code(code="march-news", at=TODAY + days(15.6)).status == CodeStatus.OK  # 30 June, 23:24
    assert resolve_code(code="march-news", at=TODAY + days(15.7)).status == CodeStatus.EXPIRED
    event = AuditEvent.objects.get(verb="code.created")
    assert event.actor == get_user(client)
    text = page(client, "link", code.pk)
    assert "The link is ready to share." in text
    assert "Ends 1 Jul 2026, 00:00 UTC" in text


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"code": "taken"}, "This code is taken."),
        ({"code": "TAKEN"}, "This code is taken."),
        ({"code": "two words"}, "Use letters a to z"),
        ({"code": "-start"}, "Use letters a to z"),
        ({"code": "smør"}, "Use letters a to z"),
        ({"code": "x" * 41}, "at most 40 characters"),
        ({"code": ""}, "This field is required."),
        ({"label": ""}, "This field is required."),
        ({"label": "x" * 101}, "at most 100 characters"),
        ({"landing_path": "https://evil.example.com/"}, "Give a page of this shop"),
        ({"landing_path": "//evil.example.com/"}, "Give a page of this shop"),
        ({"landing_path": "/\\evil.example.com"}, "Give a page of this shop"),
        ({"landing_path": "javascript:alert(1)"}, "Give a page of this shop"),
        ({"landing_path": "/r/taken"}, "Give a page of this shop"),
        ({"expires_on": "2026-06-14"}, "This day has passed."),
        ({"expires_on": "soon"}, "Enter a valid date."),
        ({"expires_on": "9999-12-31"}, "less than or equal to"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(anna: ChannelPartner, values: dict[str, str], error: str) -> None:
    make.code(make.partner("berta"), "taken")
    response = make_link(browser(anna), **values)

    assert response.status_code == 422
    assert error in text_of(response)
    assert PartnerCode.objects.count() == 1


def test_what_was_typed_is_kept_when_the_code_is_taken(anna: ChannelPartner) -> None:
    make.code(make.partner("berta"), "taken")
    body = make_link(browser(anna), code="taken").content.decode()
    assert 'value="Newsletter, March"' in body
    assert 'value="/catalogue/"' in body
    assert "Berta" not in body


def test_a_link_cannot_be_made_for_somebody_else(anna: ChannelPartner) -> None:
    berta = make.partner("berta")
    make_link(browser(anna), partner=str(berta.pk), partner_id=str(berta.pk), is_active="", created_at="2020-01-01")
    assert PartnerCode.objects.get().partner == anna


def test_a_link_is_switched_off_and_on(anna: ChannelPartner) -> None:
    code, client = make.code(anna), browser(anna, "sales")
    switch = reverse("portal:link-switch", args=[code.pk])

    assert client.post(switch, {"to": "off"})["Location"] == reverse("portal:link", args=[code.pk])
    assert resolve_code(code="anna", at=TODAY).status == CodeStatus.EXPIRED
    assert "Switched off" in page(client, "link", code.pk)
    client.post(switch, {"to": "off"})
    client.post(switch, {"to": "on"})
    assert resolve_code(code="anna", at=TODAY).status == CodeStatus.OK
    client.post(switch, {"to": "on"})
    assert [event.verb for event in AuditEvent.objects.filter(verb__startswith="code").order_by("pk")] == [
        "code.retired",
        "code.reactivated",
    ]
    assert client.get(switch).status_code == 405


def test_switching_needs_the_token_of_the_page(anna: ChannelPartner) -> None:
    code = make.code(anna)
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.member(anna).user)
    assert client.post(reverse("portal:link-switch", args=[code.pk]), {"to": "off"}).status_code == 403
    code.refresh_from_db()
    assert code.is_active


def test_the_qr_code_holds_the_address(anna: ChannelPartner) -> None:
    code, client = make.code(anna), browser(anna)

    body = client.get(reverse("portal:link", args=[code.pk])).content.decode()
    svg, png = (client.get(reverse("portal:link-qr", args=[code.pk, kind])) for kind in ("svg", "png"))

    assert 'value="http://testserver/r/anna"' in body
    assert re.search(r'<div class="qr-ground"[^>]*><svg viewBox="0 0 \d+ \d+"', body)
    assert svg["Content-Type"] == "image/svg+xml"
    assert b"<svg" in svg.content
    assert png["Content-Disposition"] == 'attachment; filename="anna.png"'
    assert png.content.startswith(b"\x89PNG")
    assert client.get(reverse("portal:link-qr", args=[code.pk, "svg"]).replace("svg", "pdf")).status_code == 404


def test_expired_and_suspended_links_say_so(anna: ChannelPartner) -> None:
    make.code(anna, "fair", expires_at=TODAY)
    make.code(anna, "site")
    assert "Expired" in page(browser(anna), "links")
    assert "Working" in page(browser(anna), "links")
    ChannelPartner.objects.update(status="suspended")
    text = page(browser(anna), "links")
    assert "Working" not in text
    assert "New link" not in text


def test_the_query_count_does_not_grow(anna: ChannelPartner) -> None:
    make.company()
    for count in (1, 3):
        while anna.codes.count() < count:
            code = make.code(anna, f"code-{anna.codes.count()}")
            worlds.visit(anna, NOON - days(9), code)
            make.order(placed_at=NOON + days(anna.codes.count()))
        worlds.run_due(now=NOON + days(9))
        assert len(portal_queries(browser(anna), "links")) == LINK_QUERIES
