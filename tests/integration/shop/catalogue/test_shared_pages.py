"""What is kept between visitors, and what never is."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from oscar.apps.catalogue.models import Product

from shop.catalogue.services import version

pytestmark = pytest.mark.django_db


def token_of(response: Any) -> str:
    return re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', response.content.decode())[0]


def nonces_of(response: Any) -> set[str]:
    return set(re.findall(r'nonce="([^"]+)"', response.content.decode()))


def test_two_visitors_share_the_page_but_neither_token_nor_nonce(three: list[Product]) -> None:
    address = three[0].get_absolute_url()
    first, second = Client().get(address), Client().get(address)
    tokens, nonces = {token_of(first), token_of(second)}, nonces_of(first) | nonces_of(second)
    assert len(tokens) == 2
    assert len(nonces) == 2
    for response in (first, second):
        assert all(f"'nonce-{nonce}'" in response["Content-Security-Policy"] for nonce in nonces_of(response))
        assert all(
            len(token) == 64 for token in re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', response.content.decode())
        )


def test_a_token_from_a_kept_page_is_good_for_its_own_visitor_only(three: list[Product]) -> None:
    address = three[0].get_absolute_url()
    Client().get(address)
    mine, other = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    token = token_of(mine.get(address))
    other.get(address)
    add = f"/basket/add/{three[0].pk}/"
    assert other.post(add, {"quantity": 1, "csrfmiddlewaretoken": token}).status_code == 403
    assert mine.post(add, {"quantity": 1, "csrfmiddlewaretoken": token}).status_code != 403


def test_someone_signed_in_is_neither_given_a_kept_page_nor_kept(three: list[Product]) -> None:
    buyer = Client()
    buyer.force_login(get_user_model().objects.create_user("ada", "ada@example.com"))
    assert "ada@example.com" in buyer.get("/catalogue/").content.decode()
    assert "ada@example.com" not in Client().get("/catalogue/").content.decode()
    assert "ada@example.com" in buyer.get("/catalogue/").content.decode()


def test_consent_given_is_remembered_per_visitor(three: list[Product]) -> None:
    asked = Client().get("/catalogue/").content.decode()
    assert 'id="consent"' in asked
    decided = Client()
    decided.post("/consent/", {"choice": "necessary", "next": "/catalogue/"})
    assert 'id="consent"' not in decided.get("/catalogue/").content.decode()
    assert 'id="consent"' in Client().get("/catalogue/").content.decode()


def test_languages_do_not_mix(three: list[Product]) -> None:
    assert '<html lang="nb"' in Client().get("/nb/catalogue/").content.decode()
    assert '<html lang="en"' in Client().get("/catalogue/").content.decode()
    assert 'href="/nb/catalogue/' in Client().get("/nb/catalogue/").content.decode()


def test_a_message_is_shown_once_and_to_nobody_else(three: list[Product]) -> None:
    told = Client().get("/catalogue/?ref=no-such-code").content.decode()
    assert "We do not know the partner code" in told
    assert "no-such-code" not in Client().get("/catalogue/").content.decode()


def test_a_new_version_of_the_catalogue_is_a_new_page(three: list[Product]) -> None:
    from shop.catalogue.services import index

    address = three[0].get_absolute_url()
    assert "€100.00" in Client().get(address).content.decode()
    three[0].stockrecords.update(price="120.00")
    index.refresh(product_ids=[three[0].pk])
    text = Client().get(address).content.decode()
    assert "€120.00" in text
    assert "€100.00" not in text


def test_no_shared_cache_may_keep_a_page(client: Client, three: list[Product]) -> None:
    for address in ("/catalogue/", three[0].get_absolute_url(), "/search/?q=transmitter", "/search/suggest/?q=tra"):
        for _ in range(2):
            response = client.get(address)
            assert response["Cache-Control"] == "private, no-cache"
            assert "Set-Cookie" not in response.headers


def test_without_a_cached_token_the_version_is_read_from_its_row(
    three: list[Product], django_assert_num_queries: Any
) -> None:
    cache.clear()
    with django_assert_num_queries(1):
        token = version.current()
    with django_assert_num_queries(0):
        assert version.current() == token
