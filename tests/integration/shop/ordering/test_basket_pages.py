"""The basket: its page, its changes with and without htmx, and what the header costs (commerce defect 8)."""

import json
from decimal import Decimal

import pytest
from django.db import connection
from django.template import RequestContext, Template
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shop.buying import basket_counts
from shop.companies.models import Company
from shop.forks.basket.models import Basket, Line
from tests.factories import shop

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person, backend="shop.forks.customer.auth_backends.EmailBackend")
    return client


def filled(lines: int, *, offers: int = 0):
    buyer = shop.buyer()
    basket = shop.basket(buyer, *((shop.product(), 2) for _ in range(lines)))
    for _ in range(offers):
        shop.site_offer(1)
    return buyer, basket


@pytest.mark.parametrize("lines", [1, 50])
@pytest.mark.parametrize("offers", [0, 20])
def test_the_header_costs_one_query_and_then_none(lines, offers):
    buyer, _basket = filled(lines, offers=offers)
    client = signed_in(buyer)
    request = RequestFactory().get("/")
    request.session, request.user = client.session, buyer
    header = Template("{{ basket_summary.count }}")

    with CaptureQueriesContext(connection) as first:
        text = header.render(RequestContext(request, use_summary(request)))
    with CaptureQueriesContext(connection) as second:
        again = header.render(RequestContext(request, use_summary(request)))

    assert (text, again) == (str(2 * lines), str(2 * lines))
    assert (len(first), len(second)) == (1, 0)


def use_summary(request):
    from shop.buying.context_processors import basket_summary

    return basket_summary(request)


def test_a_visitor_without_a_basket_costs_nothing():
    request = RequestFactory().get("/")
    request.session = Client().session

    with CaptureQueriesContext(connection) as queries:
        summary = basket_counts.summary(request)

    assert summary == {"count": 0, "lines": 0}
    assert len(queries) == 0


def test_the_number_follows_every_change(django_capture_on_commit_callbacks):
    buyer, basket = filled(1)
    request = RequestFactory().get("/")
    request.session = signed_in(buyer).session
    counts = [basket_counts.summary(request)["count"]]
    line = basket.lines.get()
    for change in (
        lambda: basket.add_product(shop.product(), 3),
        lambda: Line.objects.get(pk=line.pk).delete(),
        lambda: Basket.objects.get(pk=basket.pk).submit(),
    ):
        with django_capture_on_commit_callbacks(execute=True):
            change()
        counts.append(basket_counts.summary(request)["count"])

    assert counts == [2, 5, 3, 0]


def queries_of_page(lines):
    buyer, _basket = filled(lines)
    client = signed_in(buyer)
    client.get(reverse("basket:summary"))
    with CaptureQueriesContext(connection) as queries:
        response = client.get(reverse("basket:summary"))
    assert response.status_code == 200
    return len(queries)


def test_the_page_costs_the_same_with_one_line_and_fifty():
    assert queries_of_page(1) == queries_of_page(50) == 10


def test_offers_cost_the_same_with_one_line_and_thirty():
    for _ in range(3):
        shop.site_offer(1)

    assert queries_of_page(1) == queries_of_page(30) == 24


def test_an_empty_basket_shows_a_way_on_and_writes_nothing():
    buyer = shop.buyer()

    response = signed_in(buyer).get(reverse("basket:summary"))

    assert "Your basket is empty" in response.content.decode()
    assert Basket.objects.count() == 0


def test_a_quantity_is_changed_in_place_by_htmx():
    buyer, basket = filled(1)
    line = basket.lines.get()

    response = signed_in(buyer).post(reverse("basket:line", args=[line.pk]), {"quantity": "7"}, headers=HTMX)

    page = response.content.decode()
    assert 'id="basket-content"' in page
    assert 'id="basket-count" hx-swap-oob="true"' in page
    assert "€700.00" in page
    assert "<html" not in page
    assert Line.objects.get().quantity == 7


def test_a_quantity_is_changed_without_script():
    buyer, basket = filled(1)

    response = signed_in(buyer).post(reverse("basket:line", args=[basket.lines.get().pk]), {"quantity": "7"})

    assert (response.status_code, response.url) == (302, reverse("basket:summary"))
    assert Line.objects.get().quantity == 7


@pytest.mark.parametrize("quantity", ["-1", "1e9", "NaN", "", "1000000000", "two", "1.5"])
def test_nonsense_changes_nothing(quantity):
    buyer, basket = filled(1)

    response = signed_in(buyer).post(
        reverse("basket:line", args=[basket.lines.get().pk]), {"quantity": quantity}, headers=HTMX
    )

    assert "Enter a whole number." in response.content.decode()
    assert Line.objects.get().quantity == 2


def test_more_than_the_stock_is_refused_with_what_is_left():
    buyer = shop.buyer()
    basket = shop.basket(buyer, (shop.product(stock=12), 2))

    response = signed_in(buyer).post(
        reverse("basket:line", args=[basket.lines.get().pk]), {"quantity": "13"}, headers=HTMX
    )

    assert "Only 12 in stock: you can order up to 12 now." in response.content.decode()
    assert Line.objects.get().quantity == 2


def test_removing_can_be_undone():
    buyer, basket = filled(1)
    client = signed_in(buyer)
    title = basket.lines.get().product.title

    removed = client.post(reverse("basket:line", args=[basket.lines.get().pk]), {"remove": "1"}, headers=HTMX)
    assert f"“{title}” was removed." in removed.content.decode()
    assert Line.objects.count() == 0
    client.post(reverse("basket:undo"), {"undo": removed.context["undo"]}, headers=HTMX)

    assert (Line.objects.get().product.title, Line.objects.get().quantity) == (title, 2)


def test_a_forged_undo_adds_nothing():
    buyer, _basket = filled(1)

    response = signed_in(buyer).post(reverse("basket:undo"), {"undo": "product:1"}, headers=HTMX)

    assert "can no longer be put back" in json.loads(response["HX-Trigger"])["toast"]["message"]
    assert Line.objects.count() == 1


def test_anothers_line_cannot_be_touched():
    _buyer, basket = filled(1)
    other, _theirs = filled(1)

    signed_in(other).post(reverse("basket:line", args=[basket.lines.get().pk]), {"quantity": "9"}, headers=HTMX)

    assert sorted(Line.objects.values_list("quantity", flat=True)) == [2, 2]


def test_a_code_gives_its_discount_and_can_be_left():
    buyer, _basket = filled(1)
    shop.voucher("SPRING", 10)
    client = signed_in(buyer)

    used = client.post(reverse("basket:voucher"), {"code": "spring"}, headers=HTMX)
    left = client.post(reverse("basket:voucher"), {"remove": "SPRING"}, headers=HTMX)

    assert (used.context["net"], left.context["net"]) == (Decimal("180.00"), Decimal("200.00"))
    assert "The code “SPRING” is used." in json.loads(used["HX-Trigger"])["toast"]["message"]


def test_an_unknown_code_says_so():
    buyer, _basket = filled(1)

    response = signed_in(buyer).post(reverse("basket:voucher"), {"code": "NOPE"}, headers=HTMX)

    assert json.loads(response["HX-Trigger"])["toast"]["tone"] == "warning"
    assert response.context["net"] == Decimal("200.00")


def test_adding_answers_htmx_with_the_new_number():
    buyer = shop.buyer()
    product = shop.product("Probe")

    response = signed_in(buyer).post(reverse("basket:add", args=[product.pk]), {"quantity": "4"}, headers=HTMX)

    assert json.loads(response["HX-Trigger"])["toast"]["message"] == "4 × Probe is in your basket."
    assert ">4<" in response.content.decode()
    assert Line.objects.get().quantity == 4


@pytest.mark.parametrize(
    "url", ["//evil.example.com", "https://evil.example.com", "javascript:alert(1)", "\\\\evil", "/\t/evil"]
)
def test_adding_never_leads_away(url):
    product = shop.product()

    response = signed_in(shop.buyer()).post(reverse("basket:add", args=[product.pk]), {"quantity": "1", "next": url})

    assert response.url == reverse("basket:summary")


def test_the_visitors_basket_joins_at_sign_in():
    buyer = shop.buyer()
    product = shop.product()
    client = Client()
    client.post(reverse("basket:add", args=[product.pk]), {"quantity": "4"})
    assert Basket.objects.get().owner is None

    client.post(
        reverse("customer:login"),
        {"login-username": buyer.email, "login-password": "fjord-and-fell-7", "login_submit": "1"},
    )

    assert Basket.open.get(owner=buyer).lines.get().quantity == 4
    assert Basket.objects.exclude(owner=buyer).get().status == Basket.MERGED


@pytest.mark.parametrize(
    ("status", "says"),
    [(Company.Status.PENDING, "still checking your company"), (Company.Status.BLOCKED, "closed for new orders")],
)
def test_who_cannot_order_is_told_why(status, says):
    buyer, _basket = filled(1)
    Company.objects.update(status=status)
    client = signed_in(buyer)

    assert says in client.get(reverse("basket:summary")).content.decode()
    assert client.get(reverse("checkout:how-to-buy")).url == reverse("basket:summary")


def test_a_price_that_moved_is_pointed_out():
    buyer, basket = filled(1)
    basket.lines.get().product.stockrecords.update(price=120)

    page = signed_in(buyer).get(reverse("basket:summary")).content.decode()

    assert "The price rose from €100.00 to €120.00 since you added this." in page


def test_a_line_that_sold_out_blocks_the_checkout():
    buyer, basket = filled(1)
    basket.lines.get().product.stockrecords.update(num_in_stock=0)

    page = signed_in(buyer).get(reverse("basket:summary")).content.decode()

    assert "Sold out. Remove it to go on." in page
    assert "Sort out the marked lines first." in page
