"""An order paid by card in the browser: by keyboard, on a phone, in the dark, with the bank's question in between."""

from collections.abc import Callable

import pytest
from oscar.apps.order.models import Order
from playwright.sync_api import Page, expect

from shop.buying.models import CheckoutAttempt
from tests.e2e import acts
from tests.harness import browser

pytestmark = pytest.mark.django_db(transaction=True)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def is_fine(page: Page) -> None:
    assert fits(page)
    assert browser.accessibility_faults(page) == []


def press(page: Page, name: str) -> None:
    """Reach a button by keyboard alone, and press it."""
    button = page.get_by_role("button", name=name).last
    button.focus()
    page.keyboard.press("Enter")


def test_a_declined_card_another_one_and_the_banks_question(someone: Callable[..., Page]) -> None:
    store = acts.open_store()
    phone = someone()
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.emulate_media(color_scheme="dark")
    acts.sign_in(phone, store.buyer)
    acts.put_into_basket(phone, store.probe, 2)
    acts.check_out(phone, through="Directly from us")

    invoice = phone.get_by_role("radio", name="On invoice")
    expect(invoice).to_be_checked()
    invoice.focus()
    phone.keyboard.press("ArrowDown")
    expect(phone.get_by_role("radio", name="Card")).to_be_checked()
    is_fine(phone)
    press(phone, "Place order")

    # Declined: the return page says so and what to do.
    expect(phone.get_by_text("This is a test page")).to_be_visible()
    press(phone, "A card that is declined")
    expect(phone.get_by_text("Your card was declined.")).to_be_visible()
    phone.get_by_role("link", name="Back to the store without paying").click()
    expect(phone.get_by_role("heading", name="The payment was declined")).to_be_visible()
    is_fine(phone)
    assert Order.objects.count() == 0

    # The tab is closed, and found again from the basket.
    phone.goto("/basket/")
    expect(phone.get_by_text("You have a payment in progress")).to_be_visible()
    is_fine(phone)
    phone.get_by_role("link", name="Continue", exact=True).click()
    press(phone, "A card that asks for 3-D Secure")
    press(phone, "Yes, confirm")

    expect(phone.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(phone.get_by_text("Paid by card")).to_be_visible()
    is_fine(phone)
    order = Order.objects.get()
    assert (CheckoutAttempt.objects.get().order, order.invoice.state) == (order, "paid")
