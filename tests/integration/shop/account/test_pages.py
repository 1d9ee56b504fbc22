"""The account pages, the sign-in pages and the error pages, as a buyer meets them."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from oscar.apps.address.models import UserAddress
from oscar.apps.communication.models import CommunicationEventType, Email
from oscar.apps.customer.models import ProductAlert

from shop.catalogue.services import index
from shop.forks.offer.models import Range
from shop.forks.order.models import Order
from tests.factories import shop

pytestmark = pytest.mark.django_db
ACCOUNT_PAGES = [
    "summary",
    "order-list",
    "address-list",
    "address-create",
    "profile-view",
    "profile-update",
    "profile-delete",
    "change-password",
    "alerts-list",
    "notifications-inbox",
    "notifications-archive",
    "email-list",
    "wishlists-list",
    "wishlists-create",
    "logout",
]
TEMPLATES = Path(__file__).parents[4] / "templates"
OPEN_PAGES = ["customer:login", "customer:register", "password-reset", "password-reset-done", "password-reset-complete"]


@pytest.fixture
def buyer() -> Any:
    return shop.buyer(first_name="Kari", last_name="Berg")


@pytest.fixture
def client(buyer: Any) -> Client:
    client = Client()
    client.force_login(buyer)
    return client


def text(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_account_pages_are_ours_and_private(client: Client, name: str) -> None:
    page = client.get(reverse(f"customer:{name}"))
    assert page.status_code == 200
    assert "dist/app.css" in text(page)
    assert "jquery" not in text(page).lower()
    guest = Client().get(reverse(f"customer:{name}"))
    assert guest.status_code == (200 if name == "logout" else 302)


@pytest.mark.parametrize("name", OPEN_PAGES)
def test_sign_in_pages_need_no_account(name: str) -> None:
    page = Client().get(reverse(name))
    assert page.status_code == 200
    assert "dist/app.css" in text(page)


def test_every_field_is_labelled_and_tells_the_browser_what_it_is(client: Client) -> None:
    html = text(client.get(reverse("customer:address-create")))
    ids = re.findall(r'<(?:input|select|textarea)[^>]* id="(id_[^"]+)"', html)
    labelled = re.findall(r'<label[^>]* for="([^"]+)"', html)
    assert set(ids) - set(labelled) == set()
    assert 'autocomplete="postal-code"' in html


def test_a_faulty_form_names_its_errors_and_links_them_to_their_fields(client: Client) -> None:
    html = text(client.post(reverse("customer:address-create"), {"first_name": "Kari"}))
    assert 'role="alert"' in html
    assert '<a href="#id_postcode">' in html
    assert re.search(r'<input[^>]*name="postcode"[^>]*aria-invalid="true"', html)
    assert UserAddress.objects.count() == 0


def test_the_overview_and_the_list_show_the_order_and_its_detail_how_it_was_bought(client: Client, buyer: Any) -> None:
    order = shop.place(buyer, (shop.product("Pressure sensor"), 3))
    detail = reverse("customer:order", kwargs={"order_number": order.purchase.public_ref})
    for name in ("summary", "order-list"):
        html = text(client.get(reverse(f"customer:{name}")))
        assert f'href="{detail}"' in html
        assert order.number in html
    html = text(client.get(detail))
    assert "Pressure sensor" in html
    assert "€300.00" in html
    assert "Bought directly from" in html
    assert "Bought through" not in html


def test_the_list_of_another_company_stays_empty(client: Client) -> None:
    other = shop.place(shop.buyer(), (shop.product(), 1))
    html = text(client.get(reverse("customer:order-list")))
    assert other.number not in html
    assert "No orders yet" in html
    missing = client.get(reverse("customer:order", kwargs={"order_number": other.purchase.public_ref}))
    assert missing.status_code == 404
    assert "No signal at this address" in text(missing)


def test_signing_out_and_changing_the_default_address_take_a_post(client: Client, buyer: Any) -> None:
    address = shop.address(buyer)
    change = reverse("customer:address-change-status", kwargs={"pk": address.pk, "action": "default_for_shipping"})
    assert f'action="{change}" method="post"' in text(client.get(reverse("customer:address-list")))
    assert client.get(change).status_code == 405
    address.refresh_from_db()
    assert address.is_default_for_shipping is False
    client.get(reverse("customer:logout"))
    assert client.get(reverse("customer:summary")).status_code == 200


def test_a_kept_mail_is_shown_as_text(client: Client, buyer: Any) -> None:
    body = "Your order <script>alert(1)</script> is on its way"
    mail = Email.objects.create(user=buyer, email=buyer.email, subject="Shipped", body_text=body, body_html="<b>no</b>")
    html = text(client.get(reverse("customer:email-detail", kwargs={"email_id": mail.pk})))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<b>no</b>" not in html


def test_the_order_mail_lists_net_prices_and_vat(buyer: Any) -> None:
    order: Order = shop.place(buyer, (shop.product("Pressure & flow sensor"), 3))
    messages = CommunicationEventType(code="ORDER_PLACED").get_messages({"order": order, "user": buyer})
    assert messages["subject"] == f"Order {order.number} received"
    assert "3 x Pressure & flow sensor" in messages["body"]
    assert "€300.00" in messages["body"]
    assert "Pressure &amp; flow sensor" in messages["html"]


@pytest.mark.parametrize("name", ["500.html", "maintenance.html"])
def test_pages_of_last_resort_depend_on_nothing(name: str) -> None:
    html = (TEMPLATES / name).read_text()
    assert "{%" not in html
    assert "{{" not in html
    assert re.findall(r'(?:src|href)="([^"]+)"', html)[0] == "/static/dist/plain.css"


@override_settings(MAINTENANCE=True)
def test_maintenance_answers_503_and_says_when_to_return() -> None:
    page = Client().get("/")
    assert page.status_code == 503
    assert page["Retry-After"] == "600"
    assert "will be back shortly" in text(page)


def test_the_style_guide_is_for_developers() -> None:
    page = Client().get("/styleguide/")
    assert page.status_code == 200
    assert "Style guide" in text(page)


def test_a_guest_asks_for_a_stock_alert_in_two_steps() -> None:
    product = shop.product("Sold out sensor", stock=0)
    address = reverse("customer:alert-create", kwargs={"pk": product.pk})
    first = Client().post(address)
    assert first.status_code == 200
    assert 'name="email"' in text(first)
    assert ProductAlert.objects.count() == 0
    assert Client().post(address, {"email": "kari@example.com"}).status_code == 302
    assert [alert.email for alert in ProductAlert.objects.all()] == ["kari@example.com"]


def test_a_product_goes_on_a_shopping_list(client: Client, buyer: Any) -> None:
    product = shop.product("Pressure sensor")
    client.post(reverse("customer:wishlists-add-product", kwargs={"product_pk": product.pk}))
    wishlist = buyer.wishlists.get()
    assert "Pressure sensor" in text(client.get(reverse("customer:wishlists-detail", kwargs={"key": wishlist.key})))
    assert "1 product" in text(client.get(reverse("customer:wishlists-list")))


def test_a_shared_list_and_an_offer_show_priced_cards(buyer: Any) -> None:
    product = shop.product("Pressure sensor", price="128.00")
    shop.site_offer(range_=Range.objects.create(name="All", slug="all", is_public=True, includes_all_products=True))
    index.rebuild()
    wishlist = buyer.wishlists.create(name="Spares", visibility="Public")
    wishlist.add(product)
    for address in (reverse("offer:list"), reverse("wishlists:detail", kwargs={"key": wishlist.key})):
        html = text(Client().get(address))
        assert "Pressure sensor" in html
        assert "€128.00" in html
