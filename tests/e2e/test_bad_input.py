"""What goes wrong on the way to an order: a clear sentence, one order at most, nothing lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord
from playwright.sync_api import Page, expect

from channels.journeys.models import OrderRecord, PartnerCode, Touchpoint, Visitor
from channels.partners.services import lifecycle
from shop.buying.models import CheckoutAttempt
from shop.forks.basket.models import Basket, Line
from tests.e2e import acts

pytestmark = pytest.mark.django_db(transaction=True)

Someone = Callable[..., Page]


@pytest.fixture
def store() -> acts.Store:
    return acts.open_store()


@pytest.fixture
def desk(someone: Someone, store: acts.Store) -> Page:
    """The buyer's computer, signed in, with two probes in the basket."""
    page = someone()
    acts.sign_in(page, store.buyer)
    acts.put_into_basket(page, store.probe, 2)
    return page


# --- links and cookies ----------------------------------------------------------------------------------------------


def expired(store: acts.Store) -> str:
    PartnerCode.objects.update(expires_at=timezone.now() - timedelta(days=1))
    return "The partner code “fjordtek” has expired."


def suspended(store: acts.Store) -> str:
    lifecycle.suspend(partner_id=store.reseller.pk, at=timezone.now(), actor=None, reason="Unpaid")
    return "The partner of this link is not active at the moment."


@pytest.mark.parametrize("happened", [expired, suspended])
def test_a_link_that_no_longer_counts_says_so_and_leaves_no_touch(
    someone: Someone, store: acts.Store, happened: Callable[[acts.Store], str]
) -> None:
    sentence = happened(store)
    page = someone()
    page.goto("/catalogue/")
    acts.allow_cookies(page)

    page.goto("/r/fjordtek")

    assert page.url.endswith("/")
    assert sentence in acts.read_messages(page)
    assert "You can shop as usual" in acts.read_messages(page) or "you can shop as usual" in acts.read_messages(page)
    assert Touchpoint.objects.count() == 0


@pytest.mark.parametrize("address", ["/r/fjordtec", "/catalogue/?ref=fjordtec"])
def test_an_unknown_code_is_named_and_leaves_no_touch(someone: Someone, store: acts.Store, address: str) -> None:
    page = someone()
    page.goto("/catalogue/")
    acts.allow_cookies(page)

    page.goto(address)

    assert "We do not know the partner code “fjordtec”." in acts.read_messages(page)
    assert Touchpoint.objects.count() == 0


def test_a_tampered_cookie_is_replaced_and_links_to_nobody(someone: Someone, store: acts.Store) -> None:
    page = someone()
    page.goto("/r/fjordtek")
    acts.allow_cookies(page)
    [signed] = [cookie for cookie in page.context.cookies() if cookie["name"] == "accord_visitor"]
    others_key = "0" * 32
    page.context.add_cookies([{**signed, "value": others_key + signed["value"][32:]}])

    answer = page.goto("/r/fjordtek")

    assert answer is not None
    assert answer.status == 200
    [fresh] = [cookie for cookie in page.context.cookies() if cookie["name"] == "accord_visitor"]
    assert fresh["value"][:32] not in (others_key, signed["value"][:32])
    assert not Visitor.objects.filter(key=others_key).exists()
    assert {touch.visitor.key for touch in Touchpoint.objects.all()} == {signed["value"][:32], fresh["value"][:32]}


# --- the checkout ---------------------------------------------------------------------------------------------------


def nothing_ordered() -> bool:
    return not Order.objects.exists() and not OrderRecord.objects.exists() and Basket.open.get().num_items > 0


def test_a_product_sold_out_meanwhile_is_named_and_the_basket_kept(desk: Page, store: acts.Store) -> None:
    acts.put_into_basket(desk, store.watch)
    acts.check_out(desk, through="Directly")
    StockRecord.objects.filter(product=store.probe).update(num_in_stock=0)

    desk.get_by_role("button", name="Place order").click()

    expect(desk.get_by_role("heading", name="Your basket")).to_be_visible()
    assert "“Pressure probe P100”" in acts.read_messages(desk)
    assert "Nordlys Watch" not in acts.read_messages(desk)
    assert nothing_ordered()
    assert Line.objects.count() == 2
    desk.get_by_role("button", name="Remove Pressure probe P100").click()
    acts.check_out(desk, through="Directly")
    acts.place_order(desk)
    assert Order.objects.get().lines.get().product == store.watch


def test_a_double_click_orders_once(desk: Page) -> None:
    acts.check_out(desk, through="Directly")

    desk.get_by_role("button", name="Place order").dblclick()

    expect(desk.get_by_role("heading", name="Thank you")).to_be_visible()
    assert Order.objects.count() == 1


def test_the_button_pressed_in_two_tabs_of_one_page_orders_once(desk: Page) -> None:
    """Without its script the page cannot stop a second click; the attempt's key does."""
    acts.check_out(desk, through="Directly")
    fields = desk.locator("#place-order input:not([type=radio]), #place-order input:checked").all()
    form = {field.get_attribute("name"): field.input_value() for field in fields}
    answers = [desk.request.post(desk.url, form=form) for _press in range(2)]

    assert {answer.status for answer in answers} == {200}
    assert answers[0].url == answers[1].url != desk.url
    assert Order.objects.count() == 1
    assert CheckoutAttempt.objects.get().order == Order.objects.get()


def test_a_basket_edited_in_another_tab_is_shown_again_before_it_is_ordered(desk: Page, store: acts.Store) -> None:
    acts.check_out(desk, through="Directly")
    other = desk.context.new_page()
    other.goto("/basket/")
    other.get_by_label("Quantity of Pressure probe P100").fill("5")
    other.get_by_label("Quantity of Pressure probe P100").press("Enter")
    expect(other.locator("[data-announce]")).to_have_text("5 items in your basket.")

    desk.get_by_role("button", name="Place order").click()

    told = desk.get_by_role("alert").filter(has_text="Nothing was ordered yet: something changed")
    expect(told).to_contain_text("Pressure probe P100")
    assert nothing_ordered()
    acts.place_order(desk)
    assert Order.objects.get().lines.get().quantity == 5


def test_a_reseller_suspended_during_the_review_is_asked_for_anew(desk: Page, store: acts.Store) -> None:
    acts.check_out(desk, through="Fjordtek")
    suspended(store)

    desk.get_by_role("button", name="Place order").click()

    expect(desk.get_by_role("heading", name="How would you like to buy?")).to_be_visible()
    assert "This partner cannot take this order at the moment. Please choose how to buy again." in acts.read_messages(
        desk
    )
    assert desk.get_by_role("radio", name="Fjordtek").count() == 0
    assert nothing_ordered()
    acts.check_out(desk, through="Directly")
    acts.place_order(desk)
    assert OrderRecord.objects.get().chosen_partner is None
