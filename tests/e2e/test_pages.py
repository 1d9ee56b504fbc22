"""Every key page as the person who opens it: nothing forbidden, nothing broken, nothing that some cannot read."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from oscar.apps.catalogue.models import Category, Product
from playwright.sync_api import Page, expect

from channels.commissions.models import Accrual, Statement
from channels.journeys.models import PartnerCode
from cms.models import ArticlePage, ContentPage
from shop.forks.order.models import Order
from tests.e2e import demo
from tests.harness import browser

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Oscar pages through offers that its count has put out of order.
    pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning"),
]

Someone = Callable[..., Page]
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1440, "height": 900}
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 4).map((each) => each.outerHTML.slice(0, 120))"""
SETTLED = "() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 60))"
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"


@pytest.fixture(scope="module", autouse=True)
def _store(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with demo.opened(django_db_blocker):
        yield


# --- the pages ------------------------------------------------------------------------------------------------------


def product(sku: str) -> str:
    return str(Product.objects.get(upc=sku).get_absolute_url())


def order_of(email: str) -> Order:
    return Order.objects.filter(user__email=email).latest("date_placed")


def visitors_pages() -> list[str]:
    return [
        "/",
        reverse("catalogue:index"),
        Category.objects.get(slug="pressure").get_absolute_url(),
        reverse("catalogue:index") + "?in_stock=1&sort=price",
        "/search/?q=pressure",
        "/search/?q=nothing-is-called-so",
        product("NP-110"),
        product("NF-510"),
        product("NW-PRO-12"),
        reverse("basket:summary"),
        reverse("customer:login"),
        reverse("customer:register"),
        reverse("password-reset"),
        reverse("partner_directory"),
        reverse("partner_profile", args=["fjordtek"]),
        reverse("offer:list"),
        reverse("consent"),
        ContentPage.objects.get(slug="about", locale__language_code="en").url,
        ArticlePage.objects.filter(locale__language_code="en").first().url,
        ArticlePage.objects.filter(locale__language_code="en").first().get_parent().url,
        "/nb/",
        "/nb/catalogue/",
    ]


def buyers_pages() -> list[str]:
    order = order_of("anna@havbris.example.com")
    return [
        reverse("customer:summary"),
        reverse("customer:order-list"),
        reverse("customer:order", args=[order.purchase.public_ref]),
        reverse("checkout:thank-you", args=[order.purchase.public_ref]),
        reverse("customer:address-list"),
        reverse("customer:address-create"),
        reverse("customer:profile-view"),
        reverse("customer:profile-update"),
        reverse("customer:change-password"),
        reverse("customer:wishlists-list"),
        reverse("customer:notifications-inbox"),
        reverse("customer:alerts-list"),
        reverse("customer:email-list"),
    ]


def partners_pages() -> list[str]:
    number = Accrual.objects.filter(partner__code="fjordtek").latest("pk").order.number
    return [
        *(
            reverse(f"portal:{name}")
            for name in ("dashboard", "orders", "links", "link-new", "customers", "statements", "team")
        ),
        reverse("portal:order", args=[number]),
        reverse("portal:link", args=[PartnerCode.objects.filter(partner__code="fjordtek").first().pk]),
        reverse(
            "portal:statement", args=[Statement.objects.filter(partner__code="fjordtek").latest("period_start").number]
        ),
    ]


# --- what holds on each ---------------------------------------------------------------------------------------------


def faults(page: Page, path: str) -> list[str]:
    """Open a page and look at it on a laptop, in the dark, and on a phone."""
    page.set_viewport_size(LAPTOP)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")  # axe would see colours half-way
    answer = page.goto(path)
    if answer is None or answer.status != 200:
        return [f"{path} answered {answer and answer.status}"]
    return [f"{path}: {fault}" for fault in (*looks(page), *in_the_dark(page), *on_a_phone(page))]


def looks(page: Page) -> list[str]:
    return browser.accessibility_faults(page)


def in_the_dark(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.evaluate(SETTLED)
    found = browser.accessibility_faults(page, rules=["color-contrast"])
    if found:  # a busy machine repaints late: what is wrong stays wrong
        page.wait_for_timeout(1_000)
        found = browser.accessibility_faults(page, rules=["color-contrast"])
    return [f"in the dark: {fault}" for fault in found]


def on_a_phone(page: Page) -> list[str]:
    page.set_viewport_size(PHONE)
    for _ in range(15):  # a busy machine lays the page out late
        content, window = page.evaluate(WIDTHS)
        if content <= window:
            return []
        page.wait_for_timeout(200)
    return [f"{content} px wide on a phone of {window}: {page.evaluate(TOO_WIDE)}"]


PEOPLE: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "visitor": ("", visitors_pages),
    "buyer": ("anna@havbris.example.com", buyers_pages),
    "partner": ("ingrid@fjordtek.example.com", partners_pages),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_are_sound(someone: Someone, who: str) -> None:
    email, pages = PEOPLE[who]
    page = someone()
    if email:
        demo.arrive_as(page, email)
    found = [fault for path in pages() for fault in faults(page, path)]
    assert not found, "\n".join(found)


def test_the_basket_and_each_step_of_the_checkout_are_sound(someone: Someone) -> None:
    page = someone()
    demo.arrive_as(page, "anna@havbris.example.com")
    for sku in ("NP-110", "NW-PRO-12"):
        page.goto(product(sku))
        page.get_by_role("button", name="Add to basket", exact=True).click()
        expect(page.get_by_text("is in your basket")).to_be_visible()

    found = faults(page, reverse("basket:summary"))
    found += faults(page, reverse("checkout:how-to-buy"))
    page.get_by_role("button", name="Continue to delivery").click()
    found += faults(page, reverse("checkout:delivery"))
    page.get_by_role("button", name="Continue to payment").click()
    found += faults(page, reverse("checkout:preview"))
    assert not found, "\n".join(found)


def test_a_page_that_is_not_there_is_sound(someone: Someone) -> None:
    page = someone(reduced_motion="reduce")
    answer = page.goto("/catalogue/no-such-thing_999999/")
    assert answer is not None
    assert answer.status == 404
    assert looks(page) + in_the_dark(page) + on_a_phone(page) == []


STAFF_PAGES = [
    "wagtailadmin_home", "invoices", "desk", "desk_partners", "desk_relationships", "desk_touchpoints", "desk_policies",
    "desk_programmes", "desk_orders", "desk_failures", "desk_reviews", "desk_ledger", "desk_statements", "desk_audit",
    "dashboard:index", "dashboard:order-list", "dashboard:catalogue-product-list", "dashboard:offer-list",
]  # fmt: skip


def test_the_back_ends_open_without_a_breach_or_a_script_error(someone: Someone) -> None:
    """Their frames are Wagtail's and Oscar's; what `someone` watches must hold there too."""
    page = someone()
    demo.arrive_as(page, "admin@nordlys.example.com")
    number = order_of("anna@havbris.example.com").number
    paths = [reverse(name) for name in STAFF_PAGES]
    paths += [reverse("desk_order", args=[number]), reverse("dashboard:order-detail", args=[number])]
    answers = {path: page.goto(path) for path in paths}
    assert {path: answer and answer.status for path, answer in answers.items()} == dict.fromkeys(paths, 200)


def test_the_language_switch_speaks_norwegian(someone: Someone) -> None:
    page = someone()
    page.goto("/catalogue/")
    assert page.locator("html").get_attribute("lang") == "en"

    page.locator("button[name=language][value=nb]").click()

    page.wait_for_url("**/nb/catalogue/")
    assert page.locator("html").get_attribute("lang") == "nb"
    page.get_by_role("link", name="nordlys").first.click()
    assert page.locator("html").get_attribute("lang") == "nb"
