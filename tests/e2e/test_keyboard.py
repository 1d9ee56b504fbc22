"""Nothing here touches the mouse."""

from collections.abc import Callable

import pytest
from oscar.apps.order.models import Order
from playwright.sync_api import Locator, Page, expect

from shop.catalogue.services import index
from tests.e2e import acts

pytestmark = pytest.mark.django_db(transaction=True)

Someone = Callable[..., Page]
MOST_TABS = 80


@pytest.fixture
def store() -> acts.Store:
    return acts.open_store()


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    wanted = target.element_handle()
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement === wanted", wanted):
            return
    raise AssertionError(f"{MOST_TABS} tabs did not reach {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    tab_to(page, target)
    page.keyboard.press(key)


def test_the_first_tab_offers_the_way_to_the_content(someone: Someone, store: acts.Store) -> None:
    page = someone()
    page.goto("/catalogue/")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()

    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_the_menu_of_a_phone_opens_takes_the_focus_and_gives_it_back(someone: Someone, store: acts.Store) -> None:
    page = someone()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/catalogue/")
    opener = page.get_by_role("button", name="Menu", exact=True)

    press(page, opener)

    drawer = page.locator("#site-drawer")
    expect(drawer).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    assert drawer.evaluate("(drawer) => drawer.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")


def test_a_suggestion_is_chosen_with_the_arrows(someone: Someone, store: acts.Store) -> None:
    index.rebuild()
    page = someone()
    page.goto("/catalogue/")
    field = page.get_by_role("combobox", name="Search products and articles")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    tab_to(page, field)
    page.keyboard.type("pressure")
    expect(options.first).to_be_visible()

    page.keyboard.press("ArrowDown")

    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    page.keyboard.type(" probe")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Pressure probe P100")).to_be_visible()


def test_an_order_is_placed_through_a_reseller(someone: Someone, store: acts.Store) -> None:
    page = someone()
    page.goto("/accounts/login/")
    press(page, page.get_by_role("button", name="Only necessary"))
    expect(page.locator("#consent")).to_have_count(0)
    page.goto("/accounts/login/")
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(acts.PASSWORD)
    page.keyboard.press("Shift+Tab")
    page.keyboard.type(store.buyer.email)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)

    page.goto(store.probe.get_absolute_url())
    tab_to(page, page.get_by_label("Quantity"))
    page.keyboard.press("ArrowUp")
    press(page, page.get_by_role("button", name="Add to basket"))
    expect(page.get_by_text("2 × Pressure probe P100 is in your basket.")).to_be_visible()
    page.goto("/basket/")
    press(page, page.get_by_role("link", name="Go to checkout"))
    tab_to(page, page.get_by_role("radio", name="Directly from us"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Fjordtek")).to_be_checked()
    press(page, page.get_by_role("button", name="Continue to delivery"))
    press(page, page.get_by_role("button", name="Continue to payment"))
    press(page, page.get_by_role("button", name="Place order"))

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    order = Order.objects.get()
    assert (order.lines.get().quantity, order.purchase.partner_code) == (2, "fjordtek")
