"""What people do on the pages, in their words, and the small store that they do it in."""

import json
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.core.management import call_command
from oscar.apps.catalogue.models import Product
from playwright.sync_api import Page, expect

from channels.journeys.models import PartnerCode
from channels.partners.models import Agreement, ChannelPartner
from shop.operations import roles
from tests.factories import channels as channel_factory
from tests.factories import commissions as commission_factory
from tests.factories import content as content_factory
from tests.factories import shop as shop_factory

PASSWORD = "fjord-and-fell-7"


@dataclass(frozen=True, kw_only=True)
class Store:
    """A reseller with a link, two of its people, a buyer, somebody in finance, a probe and a contract."""

    reseller: ChannelPartner
    code: PartnerCode
    owner: Any
    buyer: Any
    finance: Any
    probe: Product
    watch: Product


def open_store() -> Store:
    """15 % for the resale, 8 % for a renewal; the probe costs EUR 100, the contract EUR 1,200 a year."""
    content_factory.home_page()
    channel_factory.policy()
    commission_factory.programme()
    reseller = channel_factory.partner("fjordtek", name="Fjordtek", territories=["NO"], is_listed=True)
    Agreement.objects.filter(partner=reseller).update(data_level=2)
    buyer = shop_factory.buyer(first_name="Kari", last_name="Berg")
    shop_factory.address(buyer)
    finance = shop_factory.user(is_staff=True)
    finance.groups.add(roles.sync()["finance"])
    return Store(
        reseller=reseller,
        code=channel_factory.code(reseller),
        owner=channel_factory.member(reseller, password=PASSWORD).user,
        buyer=buyer,
        finance=finance,
        probe=shop_factory.product("Pressure probe P100", price="100.00", stock=10),
        watch=shop_factory.product(
            "Nordlys Watch", price="1200.00", class_slug="software-subscription", term_months=12
        ),
    )


# --- the visitor and the buyer --------------------------------------------------------------------------------------


def read_messages(page: Page) -> str:
    """Return what the page says at its top."""
    return page.locator("#messages").inner_text()


def allow_cookies(page: Page) -> None:
    page.get_by_role("button", name="Allow").click()
    expect(page.locator("#consent")).to_have_count(0)


def sign_in(page: Page, user: Any) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def put_into_basket(page: Page, product: Product, quantity: int = 1) -> None:
    page.goto(product.get_absolute_url())
    page.get_by_label("Quantity").fill(str(quantity))
    page.get_by_role("button", name="Add to basket").click()
    expect(page.get_by_text("is in your basket")).to_be_visible()


def check_out(page: Page, *, through: str) -> None:
    """Go from the basket to the review page."""
    page.goto("/basket/")
    page.get_by_role("link", name="Go to checkout").click()
    page.get_by_role("radio", name=through).check()
    page.get_by_role("button", name="Continue to").click()
    if page.url.endswith("/delivery/"):
        page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_role("heading", name="Payment and review")).to_be_visible()


def place_order(page: Page, *, purchase_order: str = "") -> str:
    """Press the button on the review page; return the order's number."""
    page.get_by_label("Purchase order number").fill(purchase_order)
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    return page.locator("#order-title").inner_text().removeprefix("Order ")


# --- finance and the reseller ---------------------------------------------------------------------------------------


def mark_as_paid(page: Page, number: str, *, reference: str) -> None:
    page.goto("/admin/invoices/")
    row = page.get_by_role("row").filter(has=page.locator(f'a[href$="/{number}/"]'))
    row.get_by_label("Payment reference").fill(reference)
    row.get_by_role("button", name="Mark as paid").click()
    expect(page.get_by_text("is marked as paid")).to_be_visible()


def take_back(page: Page, number: str, *, reason: str, **units: int) -> None:
    """Refund units of an order's lines, given by `line_<pk>`."""
    page.goto(f"/dashboard/orders/{number}/take-back/")
    for name, quantity in units.items():
        page.locator(f'[name="{name}"]').fill(str(quantity))
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Take back").click()
    page.wait_for_url(f"**/dashboard/orders/{number}/")


def read_page(page: Page, path: str) -> str:
    """Return the page's own text with single spaces."""
    page.goto(path)
    return " ".join(page.locator("main").inner_text().split())


# --- commands -------------------------------------------------------------------------------------------------------


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def explain(number: str) -> dict[str, Any]:
    return json.loads(run("explain_order", number, "--format", "json"))
