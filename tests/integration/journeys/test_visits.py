"""Partner links, referral codes, campaign tags, consent, and logging in: what becomes a touchpoint and what does not."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels.journeys.models import Touchpoint, Visitor
from tests.factories import channels as make

pytestmark = pytest.mark.django_db

PAGE = "/partners/"
COOKIE = "accord_visitor"


@pytest.fixture
def code() -> None:
    make.code(make.partner("alfa"), "alfa-24", landing_path="/partners/alfa/")


def consent(client: Client, choice: str = "all", **values: Any) -> Any:
    return client.post("/consent/", {"choice": choice, "next": PAGE}, **values)


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_before_consent_nothing_is_kept_outside_the_session(client: Client, code: None) -> None:
    response = client.get("/r/alfa-24")

    assert (response.status_code, response["Location"]) == (302, "/partners/alfa/")
    assert told(response) == ["You were referred by Alfa."]
    assert COOKIE not in client.cookies
    assert (Touchpoint.objects.count(), Visitor.objects.count()) == (0, 0)
    assert [row["code"] for row in client.session["channels_arrivals"]] == ["alfa-24"]


def test_consent_makes_the_arrival_a_touchpoint_of_its_own_time(client: Client, code: None) -> None:
    client.get("/r/alfa-24?utm_campaign=Spring+fair&utm_source=mail%00")
    arrived_at = client.session["channels_arrivals"][0]["at"]

    response = consent(client)

    assert (response.status_code, response["Location"]) == (302, PAGE)
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["max-age"]) == (
        True,
        "Lax",
        "",
        15_552_000,
    )
    touch = Touchpoint.objects.get()
    assert (touch.partner.code, touch.code.code, touch.kind, touch.medium) == (
        "alfa",
        "alfa-24",
        "link",
        "partner_link",
    )
    assert (touch.campaign, touch.evidence) == (
        "Spring fair", {"utm_campaign": "Spring fair", "utm_source": "mail"},
    )  # fmt: skip
    assert touch.at.isoformat() == arrived_at
    assert cookie.value.startswith(touch.visitor.key + ":")
    assert (touch.user, touch.company, touch.visitor.user) == (None, None, None)
    assert "channels_arrivals" not in client.session


def test_a_secure_request_gets_a_secure_cookie(client: Client) -> None:
    consent(client, secure=True)
    assert client.cookies[COOKIE]["secure"] is True


def test_the_same_code_on_the_same_day_is_one_touchpoint(client: Client, code: None) -> None:
    consent(client)
    first = client.get(f"{PAGE}?ref=ALFA-24")
    second = client.get(f"{PAGE}?ref=alfa-24&page=1")

    assert Touchpoint.objects.get().kind == "referral_code"
    assert "You were referred by Alfa." in first.content.decode()
    assert "You were referred by Alfa." not in second.content.decode()


def test_a_refusal_keeps_no_cookie_and_takes_an_old_one_away(client: Client, code: None) -> None:
    consent(client)
    consent(client, "necessary")

    assert client.cookies[COOKIE].value == ""
    client.get(f"{PAGE}?ref=alfa-24")
    assert (Touchpoint.objects.count(), Visitor.objects.count()) == (0, 0)
    assert [row["code"] for row in client.session["channels_arrivals"]] == ["alfa-24"]


def test_logging_in_without_consent_credits_the_partner_without_a_visitor(client: Client, code: None) -> None:
    buyer = make.user()
    client.get("/r/alfa-24")
    client.force_login(buyer)
    client.get(PAGE)

    touch = Touchpoint.objects.get()
    assert (touch.partner.code, touch.user, touch.visitor) == ("alfa", buyer, None)
    assert Visitor.objects.count() == 0
    client.get("/r/alfa-24")
    assert Touchpoint.objects.count() == 1


def test_logging_in_links_the_browser_once(client: Client, code: None) -> None:
    buyer = make.user()
    consent(client)
    client.get("/r/alfa-24")
    assert Visitor.objects.get().user is None

    client.force_login(buyer)
    client.get("/consent/")

    assert Visitor.objects.get().user == buyer
    with CaptureQueriesContext(connection) as queries:
        client.get("/consent/")
    assert [query["sql"] for query in queries if "channels_" in query["sql"]] == []


def test_another_user_of_the_same_browser_gets_a_visitor_of_their_own(client: Client, code: None) -> None:
    first, second = make.user(), make.user()
    consent(client)
    for person in (first, second):
        client.force_login(person)
        client.get(f"{PAGE}?ref=alfa-24")
        del client.cookies["sessionid"]

    assert sorted(Touchpoint.objects.values_list("user", "visitor__user")) == [
        (first.pk, first.pk), (second.pk, second.pk),
    ]  # fmt: skip
    assert Visitor.objects.values("key").distinct().count() == 2


@pytest.mark.parametrize("value", ["x", "a" * 32, "a" * 32 + ":1abcde:forged", "\x7f", ":::"])
def test_a_tampered_cookie_is_replaced_and_never_an_error(
    client: Client, code: None, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    consent(client)
    good = client.cookies[COOKIE].value
    client.cookies[COOKIE] = value

    response = client.get(f"{PAGE}?ref=alfa-24")

    assert response.status_code == 200
    visitor = Visitor.objects.get()
    assert visitor.key not in {"a" * 32, good.partition(":")[0]}
    assert client.cookies[COOKIE].value.startswith(f"{visitor.key}:")
    assert [r.getMessage() for r in caplog.records if r.name == "channels.journeys.visits"] == [
        "A visitor cookie with a wrong signature was replaced."
    ]


def test_a_cookie_without_consent_is_dropped_and_not_used(client: Client, code: None) -> None:
    consent(client)
    del client.cookies[f"{COOKIE}_consent"]

    client.get(f"{PAGE}?ref=alfa-24")

    assert client.cookies[COOKIE].value == ""
    assert Visitor.objects.count() == 0


@pytest.mark.parametrize(
    ("partner", "made", "landing", "sentence"),
    [
        (None, {}, "/", "We do not know the partner code “alfa-24”. Please check it with your partner; you can shop as usual."),
        ({}, {"is_active": False}, "/offers/", "The partner code “alfa-24” has expired. You can shop as usual; no partner is credited by it."),
        ({"status": "suspended"}, {}, "/offers/", "The partner of this link is not active at the moment. You can shop as usual."),
    ],
)  # fmt: skip
def test_a_code_that_does_not_count_says_so(
    client: Client, partner: dict[str, Any] | None, made: dict[str, Any], landing: str, sentence: str
) -> None:
    if partner is not None:
        make.code(make.partner("alfa", **partner), "alfa-24", landing_path="/offers/", **made)
    consent(client)

    response = client.get("/r/alfa-24")

    assert (response.status_code, response["Location"]) == (302, landing)
    assert told(response)[-1] == sentence
    assert sentence.split("“")[0] in client.get(f"{PAGE}?ref=alfa-24").content.decode()
    assert (Touchpoint.objects.count(), Visitor.objects.count()) == (0, 0)


def test_a_campaign_without_partner_is_a_touch_of_our_own(client: Client) -> None:
    consent(client)
    client.get(PAGE, {"utm_source": "newsletter", "utm_campaign": "March <b>offers</b>"})
    client.get(PAGE, {"utm_source": "newsletter", "utm_campaign": "March <b>offers</b>"})

    touch = Touchpoint.objects.get()
    assert (touch.partner, touch.kind, touch.medium, touch.campaign) == (
        None,
        "campaign",
        "campaign",
        "March boffers/b",
    )


@pytest.mark.parametrize("path", ["/admin/", "/dashboard/"])
def test_staff_pages_are_not_observed(client: Client, code: None, path: str) -> None:
    consent(client)
    client.get(f"{path}?ref=alfa-24")
    assert Touchpoint.objects.count() == 0


def test_looking_ahead_and_asking_for_the_head_is_no_visit(client: Client, code: None) -> None:
    consent(client)
    client.get("/r/alfa-24", headers={"Sec-Purpose": "prefetch"})
    client.head("/r/alfa-24")
    client.get(f"{PAGE}?ref=alfa-24", headers={"Sec-Purpose": "prefetch;prerender"})
    client.head(f"{PAGE}?ref=alfa-24")
    assert Touchpoint.objects.count() == 0


@pytest.mark.parametrize("path", ["/r/alfa-24", f"{PAGE}?ref=alfa-24"])
def test_a_failure_to_record_keeps_neither_page_nor_touch_away(
    client: Client, code: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    consent(client)
    with monkeypatch.context() as broken:
        broken.setattr("channels.journeys.arrivals.record_touchpoint", lambda facts: 1 / 0)
        assert client.get(path).status_code in (200, 302)
    assert [r.getMessage() for r in caplog.records if r.name == "channels.journeys.arrivals"] == [
        "An arrival by the code 'alfa-24' could not be recorded and waits."
    ]
    assert Touchpoint.objects.count() == 0

    client.force_login(make.user())
    client.get(PAGE)

    assert Touchpoint.objects.get().partner.code == "alfa"


def test_a_failure_to_observe_does_not_keep_the_page_away(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("channels.journeys.arrivals.resolve_code", lambda **values: 1 / 0)

    assert client.get(f"{PAGE}?ref=alfa-24").status_code == 200
    assert [r.getMessage() for r in caplog.records if r.name == "channels.journeys.middleware"] == [
        "A visit was not observed."
    ]


def test_an_ordinary_request_costs_no_query_and_sets_no_cookie(client: Client, django_assert_num_queries: Any) -> None:
    consent(client)
    client.get("/r/x.y/z")
    with django_assert_num_queries(2):  # the directory's own: its count and its facets
        response = client.get(PAGE)
    assert COOKIE not in response.cookies


@pytest.mark.parametrize("wanted", ["//evil.example.com", "https://evil.example.com/", "/\\evil", "javascript:x", ""])
def test_the_answer_leads_home_and_nowhere_else(client: Client, wanted: str) -> None:
    response = client.post("/consent/", {"choice": "all", "next": wanted})
    assert response["Location"] == "/"


def test_the_consent_question_is_asked_until_it_is_answered(client: Client) -> None:
    assert 'id="consent"' in client.get(PAGE).content.decode()
    assert client.post("/consent/", {"choice": "maybe"}).status_code == 400
    response = client.post("/consent/", {"choice": "necessary"}, headers={"HX-Request": "true"})
    assert (response.status_code, response.content) == (200, b"")
    assert 'id="consent"' not in client.get(PAGE).content.decode()
    assert "only the necessary" in client.get("/consent/").content.decode()


def test_too_many_waiting_arrivals_do_not_grow_the_session(client: Client) -> None:
    for number in range(25):
        make.code(make.partner(f"p{number}"), f"p{number}")
        client.get(f"/r/p{number}")
    assert len(client.session["channels_arrivals"]) == 20


def test_a_partner_gone_while_its_arrival_waited_is_logged_and_the_rest_is_kept(
    client: Client, code: None, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/r/alfa-24")
    session = client.session
    session["channels_arrivals"] = [{**session["channels_arrivals"][0], "partner_code": "gone", "code": "gone"},
                                    *session["channels_arrivals"]]  # fmt: skip
    session.save()

    assert consent(client).status_code == 302

    assert [touch.partner.code for touch in Touchpoint.objects.all()] == ["alfa"]
    assert "An arrival names a partner that is gone." in [record.getMessage() for record in caplog.records]
