"""Health, maintenance, the two script policies, one login, and what the commands refuse."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from oscar.apps.catalogue.models import Category, ProductCategory
from wagtail.models import Page, Site

from shop.catalogue.services import index
from shop.operations import health
from tests.factories import channels as make
from tests.factories import shop as shop_factory

pytestmark = pytest.mark.django_db


def test_the_process_lives_and_is_ready(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz", headers={"host": "anything"}).json() == {"status": "ready", "faults": []}


def test_what_a_browser_asks_for_beside_a_page_leaves_the_page_s_cookie_alone(client):
    """Chromium asks for an icon beside any page that names none; a missed page part must not answer with forms."""
    icon = client.get("/favicon.ico")
    assert (icon.status_code, icon["Location"]) == (302, "/static/dist/favicon.svg")
    missed = client.get("/nothing.png", headers={"sec-fetch-dest": "image"})
    assert (missed.status_code, missed.content) == (404, b"Not found")
    assert not client.cookies

    page = client.get("/nothing/", headers={"sec-fetch-dest": "document"})
    assert page.status_code == 404
    assert b"<h1>" in page.content
    assert list(client.cookies) == ["csrftoken"]


def test_a_database_behind_its_migrations_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(health, "_migrations", lambda: False)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "unready", "faults": ["migrations"]}


def test_maintenance_closes_the_shop_and_leaves_the_back_office_open(client, settings):
    settings.MAINTENANCE = True
    closed = client.get("/")
    assert closed.status_code == 503
    assert closed.headers["Retry-After"] == "600"
    assert client.get("/accounts/login/").status_code == 200
    assert client.get("/admin/").status_code == 302
    assert client.get("/healthz").status_code == 200


def test_the_storefront_has_the_strict_policy_and_the_back_office_its_own(client):
    strict = client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in strict
    assert "'unsafe-eval'" not in strict
    assert "script-src 'self'" in strict
    client.force_login(make.user(is_superuser=True, is_staff=True))
    loose = client.get("/admin/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval'" in loose
    assert "http" not in loose


@pytest.mark.parametrize("path", ["/admin/login/", "/dashboard/login/"])
def test_the_back_offices_have_no_login_of_their_own(client, path):
    response = client.get(f"{path}?next=/admin/channels/")
    assert response.status_code == 302
    assert response.url == f"{reverse('customer:login')}?next=/admin/channels/"


def test_each_answer_carries_the_id_of_its_request(client):
    assert client.get("/healthz", headers={"X-Request-ID": "abc-123"}).headers["X-Request-ID"] == "abc-123"
    assert len(client.get("/healthz").headers["X-Request-ID"]) == 32


def test_run_due_says_what_it_did_and_refuses_what_is_no_moment():
    out = StringIO()
    call_command("run_due", "--as-of", "2026-03-01", stdout=out)
    assert "renewals placed: 0" in out.getvalue()
    with pytest.raises(CommandError, match="'soon' is not a date or datetime"):
        call_command("run_due", "--as-of", "soon")
    with pytest.raises(CommandError, match="is not a date"):
        call_command("run_due", "--as-of", "2026-13-45")


def test_a_stale_form_is_told_what_to_do():
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login-username": "a"})
    assert response.status_code == 403
    assert "reload the page and send it again" in response.content.decode()


def test_the_sitemap_names_the_catalogue_and_its_categories(client):
    root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")
    Site.objects.get_or_create(is_default_site=True, defaults={"hostname": "testserver", "root_page": root})
    product = shop_factory.product("Flow meter")
    ProductCategory.objects.create(product=product, category=Category.add_root(name="Flow", slug="flow"))
    index.rebuild()
    page = client.get("/sitemap.xml").content.decode()
    assert product.get_absolute_url() in page
    assert "/catalogue/category/flow" in page
