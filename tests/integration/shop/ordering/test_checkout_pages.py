"""The checkout in the browser's words: each step, changing one's mind, and everything that can change meanwhile."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from oscar.apps.address.models import UserAddress
from oscar.apps.order.models import Order

from channels.journeys.models import OrderRecord
from channels.partners.models import ChannelPartner
from shop.buying.models import CheckoutAttempt
from shop.forks.basket.models import Basket, Line
from tests.factories import channels, shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer():
    return shop.buyer()


@pytest.fixture
def client(buyer):
    browser = Client()
    browser.force_login(buyer, backend="shop.forks.customer.auth_backends.EmailBackend")
    return browser


@pytest.fixture
def reseller():
    return channels.partner("fjordtek", name="Fjordtek", territories=["NO"])


def fill(buyer, *lines):
    return shop.basket(buyer, *(lines or ((shop.product("Probe", stock=10), 2),)))


def choose(client, seller="direct"):
    return client.post(reverse("checkout:how-to-buy"), {"seller": seller})


def deliver(client, address, method="standard"):
    return client.post(reverse("checkout:delivery"), {"address": address.pk, "shipping_code": method})


def at_review(client, buyer, *lines, seller="direct"):
    """Go as far as the review page; return it."""
    fill(buyer, *lines)
    choose(client, seller)
    deliver(client, shop.address(buyer))
    return client.get(reverse("checkout:preview"))


def press(client, page, **more):
    return client.post(reverse("checkout:preview"), {"reviewed": page.context["reviewed"], **more})


def test_the_whole_way_through_a_reseller(client, buyer, reseller):
    fill(buyer)
    assert client.get(reverse("checkout:index")).url == reverse("checkout:how-to-buy")
    page = client.get(reverse("checkout:how-to-buy"))
    assert page.context["selected"] == "direct"
    assert [choice.card.name for choice in page.context["partners"]] == ["Fjordtek"]

    assert choose(client, "partner:fjordtek").url == reverse("checkout:delivery")
    assert deliver(client, shop.address(buyer), "express").url == reverse("checkout:preview")
    review = client.get(reverse("checkout:preview"))
    assert "Through Fjordtek" in review.content.decode()
    placed = press(client, review, purchase_order_number="PO 12/3")

    order = Order.objects.get()
    assert placed.url == reverse("checkout:thank-you", kwargs={"public_ref": order.purchase.public_ref})
    thanks = client.get(placed.url).content.decode()
    assert all(text in thanks for text in (order.number, "Fjordtek supports you", "PO 12/3", "within 30 days"))
    assert (order.purchase.partner_code, order.purchase.partner_name) == ("fjordtek", "Fjordtek")
    assert (order.shipping_code, str(order.shipping_excl_tax)) == ("express", "45.00")
    assert OrderRecord.objects.get().chosen_partner == reseller
    assert "checkout" not in client.session


def test_the_partner_of_record_is_suggested_with_the_reason(client, buyer, reseller):
    from channels import api
    from shop import facts

    fill(buyer)
    api.record_company(facts.company(buyer.company))
    api.set_renewal_steward(
        company_key=str(buyer.company.key), partner_code="fjordtek", valid_from=shop.NOW, at=shop.NOW, source="test"
    )

    page = client.get(reverse("checkout:how-to-buy"))

    assert page.context["selected"] == "partner:fjordtek"
    assert "Your partner of record since" in page.content.decode()


def test_resellers_can_be_searched_in_place(client, buyer, reseller):
    channels.partner("polar", name="Polar Supply", territories=["NO"])
    fill(buyer)

    found = client.get(reverse("checkout:how-to-buy"), {"q": "polar"}, headers={"HX-Request": "true"})

    assert [choice.card.code for choice in found.context["partners"]] == ["polar"]
    assert "<html" not in found.content.decode()


def test_a_digital_basket_needs_no_delivery(client, buyer):
    fill(buyer, (shop.product("Watch", class_slug="software-subscription", term_months=12), 1))

    assert choose(client).url == reverse("checkout:preview")
    review = client.get(reverse("checkout:preview"))
    press(client, review)

    order = Order.objects.get()
    assert (order.shipping_address, order.shipping_excl_tax, order.purchase.country) == (None, 0, "NO")
    assert [step["label"] for step in review.context["steps"]] == ["How to buy", "Payment and review", "Confirmation"]


def test_a_new_address_is_saved_and_used(client, buyer):
    fill(buyer)
    choose(client)
    shop.country("NO")
    fields = {"first_name": "Kari", "last_name": "Berg", "line1": "Havnegata 1", "line4": "Bergen", "postcode": "5003"}

    missing = client.post(reverse("checkout:delivery"), {"address": "new", "shipping_code": "standard"})
    saved = client.post(
        reverse("checkout:delivery"),
        {
            "address": "new",
            "shipping_code": "standard",
            "new-country": "NO",
            **{f"new-{k}": v for k, v in fields.items()},
        },
    )

    assert missing.status_code == 422
    assert saved.url == reverse("checkout:preview")
    assert UserAddress.objects.get().line1 == "Havnegata 1"


def test_colleagues_share_addresses_and_strangers_do_not(client, buyer):
    fill(buyer)
    choose(client)
    ours = shop.address(shop.buyer(buyer.company), line1="Colleague's street 2")
    theirs = shop.address(shop.buyer(), line1="Foreign street 3")

    page = client.get(reverse("checkout:delivery"))
    stolen = deliver(client, theirs)

    assert [address.pk for address in page.context["book"]] == [ours.pk]
    assert stolen.status_code == 422
    assert deliver(client, ours).url == reverse("checkout:preview")


def test_a_delivery_method_that_does_not_serve_the_address_is_refused(client, buyer):
    fill(buyer)
    choose(client)
    address = shop.address(buyer, "US")

    refused = deliver(client, address, "express")

    assert refused.status_code == 422
    assert "Please choose a delivery method for this address." in refused.content.decode()
    assert [method.code for method, _charge in refused.context["offered"]] == ["standard"]


def test_changing_ones_mind_before_placing(client, buyer, reseller):
    at_review(client, buyer, seller="partner:fjordtek")

    choose(client, "direct")
    review = client.get(reverse("checkout:preview"))
    press(client, review)

    assert Order.objects.get().purchase.channel == "direct"
    assert OrderRecord.objects.get().chosen_partner is None


@pytest.mark.parametrize("seller", ["", "partner:nobody", "partner:", "evil"])
def test_a_made_up_seller_is_refused(client, buyer, seller):
    fill(buyer)

    response = choose(client, seller)

    assert response.status_code == 422
    assert "checkout" not in client.session


def test_a_reseller_suspended_meanwhile_is_told_about(client, buyer, reseller):
    review = at_review(client, buyer, seller="partner:fjordtek")
    ChannelPartner.objects.update(status=ChannelPartner.Status.SUSPENDED)

    response = press(client, review)

    assert response.url == reverse("checkout:how-to-buy")
    page = client.get(response.url).content.decode()
    assert "cannot take this order at the moment. Please choose how to buy again." in page
    assert Order.objects.count() == 0
    assert Basket.open.get(owner=buyer).lines.count() == 1


def test_pressing_twice_leads_to_the_same_order(client, buyer):
    review = at_review(client, buyer)

    first, second = press(client, review), press(client, review)

    assert first.url == second.url
    assert Order.objects.count() == 1


def test_pressing_in_a_second_window_leads_to_the_same_order(client, buyer):
    review = at_review(client, buyer)
    other = client.get(reverse("checkout:preview"))

    first, second = press(client, review), press(client, other)

    assert first.url == second.url
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda: Line.objects.update(quantity=3), "“Probe”: the quantity changed from 2 to 3."),
        (
            lambda: Line.objects.get().product.stockrecords.update(price=120),
            "“Probe”: the price changed from 200.00 EUR",
        ),
    ],
)
def test_what_changed_meanwhile_is_named_and_the_next_press_orders_it(client, buyer, change, says):
    review = at_review(client, buyer)
    change()

    stopped = press(client, review)

    assert stopped.status_code == 409
    assert says in stopped.content.decode()
    assert Order.objects.count() == 0
    assert press(client, stopped).status_code == 302
    assert Order.objects.count() == 1


def test_sold_out_meanwhile_leads_back_to_the_basket_naming_the_line(client, buyer):
    review = at_review(client, buyer)
    Line.objects.get().product.stockrecords.update(num_in_stock=0)

    response = press(client, review)

    assert response.url == reverse("basket:summary")
    assert "“Probe”: Sold out. Remove it to go on." in client.get(response.url).content.decode()
    assert (Order.objects.count(), Line.objects.count()) == (0, 1)
    assert CheckoutAttempt.objects.get().state == "failed"


def test_a_product_taken_off_sale_leads_back_to_the_basket(client, buyer):
    review = at_review(client, buyer)
    product = Line.objects.get().product
    product.is_public = False
    product.save()

    response = press(client, review)

    assert response.url == reverse("basket:summary")
    assert "“Probe”: No longer available." in client.get(response.url).content.decode()


def test_emptied_in_another_window(client, buyer):
    review = at_review(client, buyer)
    Line.objects.get().delete()

    response = press(client, review)

    assert response.url == reverse("basket:summary")
    assert Order.objects.count() == 0


def test_a_forged_review_orders_nothing(client, buyer):
    at_review(client, buyer)

    response = client.post(reverse("checkout:preview"), {"reviewed": "forged"})

    assert response.status_code == 422
    assert "This page was open for too long." in response.content.decode()
    assert Order.objects.count() == 0


def test_the_server_alone_decides_price_company_and_partner(client, buyer):
    review = at_review(client, buyer)

    press(client, review, total="1.00", price="1", company="9", partner="fjordtek", channel="reseller", status="Paid")

    order = Order.objects.get()
    assert str(order.total_incl_tax) == "273.75"
    assert (order.purchase.company, order.purchase.channel, order.status) == (buyer.company, "direct", "Received")


def test_a_required_purchase_order_number(client, buyer):
    buyer.company.po_required = True
    buyer.company.po_pattern = r"PO-\d{4}"
    buyer.company.save()
    review = at_review(client, buyer)

    missing = press(client, review)
    wrong = press(client, review, purchase_order_number="12")
    placed = press(client, review, purchase_order_number="PO-1234")

    assert (missing.status_code, wrong.status_code, placed.status_code) == (422, 422, 302)
    assert "numbers look different" in wrong.content.decode()
    assert Order.objects.get().purchase.purchase_order_number == "PO-1234"


def test_a_number_used_before_is_asked_about_once(client, buyer):
    first = shop.place(buyer, (shop.product(), 1), purchase_order_number="PO-1")
    review = at_review(client, buyer)

    asked = press(client, review, purchase_order_number="po-1")
    placed = press(client, asked, purchase_order_number="po-1", use_again="on")

    assert f"Order {first.number} already has this number." in asked.content.decode()
    assert placed.status_code == 302
    assert Order.objects.count() == 2


def test_steps_cannot_be_skipped(client, buyer):
    fill(buyer)

    assert client.get(reverse("checkout:preview")).url == reverse("checkout:how-to-buy")
    choose(client)
    assert client.get(reverse("checkout:preview")).url == reverse("checkout:delivery")
    assert client.post(reverse("checkout:preview"), {"reviewed": ""}).url == reverse("checkout:delivery")


def test_an_anonymous_buyer_signs_in_first():
    response = Client().get(reverse("checkout:how-to-buy"))

    assert response.url == f"{reverse('customer:login')}?next={reverse('checkout:how-to-buy')}"


def test_the_order_is_found_by_its_reference_alone(client, buyer):
    order = shop.place(buyer, (shop.product(), 1))
    reference = order.purchase.public_ref

    assert client.get(reverse("customer:order", args=[reference])).status_code == 200
    assert client.get(reverse("customer:order", args=[order.number])).status_code == 404
    assert client.get(reverse("checkout:thank-you", kwargs={"public_ref": order.number})).status_code == 404


def test_colleagues_see_the_order_and_strangers_get_404(buyer):
    order = shop.place(buyer, (shop.product(), 1))
    reference = order.purchase.public_ref
    answers = {}
    for name, person in {"colleague": shop.buyer(buyer.company), "stranger": shop.buyer()}.items():
        browser = Client()
        browser.force_login(person, backend="shop.forks.customer.auth_backends.EmailBackend")
        pages = [
            reverse("customer:order", args=[reference]),
            reverse("checkout:thank-you", kwargs={"public_ref": reference}),
        ]
        listed = order.number in browser.get(reverse("customer:order-list")).content.decode()
        answers[name] = ([browser.get(page).status_code for page in pages], listed)

    assert answers == {"colleague": ([200, 200], True), "stranger": ([404, 404], False)}


def test_no_step_holds_inline_script_or_style(client, buyer, reseller):
    fill(buyer)
    pages = [client.get(reverse("basket:summary")), client.get(reverse("checkout:how-to-buy"))]
    choose(client)
    pages.append(client.get(reverse("checkout:delivery")))
    deliver(client, shop.address(buyer))
    review = client.get(reverse("checkout:preview"))
    pages += [review, client.get(press(client, review).url)]

    for page in pages:
        html = page.content.decode()
        assert page.status_code == 200
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", html)
